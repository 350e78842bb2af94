/** `reset`: everything down, last to first, then everything up again. Where the target is a production, its name has to be typed. */
import type { Call, CommandSpec } from '../command.ts';
import { CONFIRM, requireConfirmation } from '../confirm-production.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';
import { ALLOW_DATA_LOSS, dataLossOf } from './rollback.ts';

interface ResetFlags {
  readonly allowDataLoss?: boolean;
  readonly confirm?: string;
}

export const resetCommand: CommandSpec<ResetFlags> = {
  name: 'reset',
  about: 'Undo every migration from the last to the first, then apply them all. Rows are saved first.',
  options: [ALLOW_DATA_LOSS, CONFIRM, ...LOCK_OPTIONS],
  work: async (call: Call, flags) => {
    requireConfirmation(await call.database(), { confirm: flags.confirm, command: 'reset', what: 'a reset' });
    const migrator = await call.migrator(dataLossOf(flags));
    const result = await migrator.reset();
    return {
      json: result,
      text: `reset done: ${result.reverted.length} rolled back, ${result.applied.length} applied`,
    };
  },
};
