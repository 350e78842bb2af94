/** `redo`: the last migration down and up again, for one that is still being written. */
import type { CommandSpec } from '../command.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';
import { ALLOW_DATA_LOSS, DRY_RUN_BACK, dataLossOf } from './rollback.ts';

interface RedoFlags {
  readonly allowDataLoss?: boolean;
  readonly dryRun?: boolean;
}

export const redoCommand: CommandSpec<RedoFlags> = {
  name: 'redo',
  about: 'Undo the most recent migration and apply it again, as its file is now. Rows are saved first.',
  options: [ALLOW_DATA_LOSS, DRY_RUN_BACK, ...LOCK_OPTIONS],
  work: async (call, flags) => {
    if (!flags.dryRun) return { json: await (await call.migrator(dataLossOf(flags))).redo(), text: '' };
    const { showDryRunBack } = await import('../show-dry-run-back.ts');
    return showDryRunBack(call, { request: { kind: 'redo' }, allowDataLoss: flags.allowDataLoss });
  },
};
