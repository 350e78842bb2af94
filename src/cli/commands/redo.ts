/** `redo`: the last migration down and up again, for one that is still being written. */
import type { CommandSpec } from '../command.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';
import { ALLOW_DATA_LOSS, dataLossOf } from './rollback.ts';

export const redoCommand: CommandSpec<{ readonly allowDataLoss?: boolean }> = {
  name: 'redo',
  about: 'Undo the most recent migration and apply it again, as its file is now. Rows are saved first.',
  options: [ALLOW_DATA_LOSS, ...LOCK_OPTIONS],
  work: async (call, flags) => ({ json: await (await call.migrator(dataLossOf(flags))).redo(), text: '' }),
};
