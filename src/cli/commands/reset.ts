/** `reset`: everything down, last to first, then everything up again. Where the target is a production, its name has to be typed. */
import { ProblemError } from '../../model/problem.ts';
import type { Call, CommandSpec } from '../command.ts';
import type { DatabaseChoice } from '../database-choice.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';
import { ALLOW_DATA_LOSS, dataLossOf } from './rollback.ts';

interface ResetFlags {
  readonly allowDataLoss?: boolean;
  readonly confirm?: string;
}

export const resetCommand: CommandSpec<ResetFlags> = {
  name: 'reset',
  about: 'Undo every migration from the last to the first, then apply them all. Rows are saved first.',
  options: [ALLOW_DATA_LOSS, ['--confirm <name>', 'the name of the target, where it is a production'], ...LOCK_OPTIONS],
  work: async (call: Call, flags) => {
    requireConfirmation(await call.database(), flags.confirm);
    const migrator = await call.migrator(dataLossOf(flags));
    const result = await migrator.reset();
    return {
      json: result,
      text: `reset done: ${result.reverted.length} rolled back, ${result.applied.length} applied`,
    };
  },
};

/** A URL alone says nothing about what it leads to; a target does. */
function requireConfirmation({ target }: DatabaseChoice, confirm: string | undefined): void {
  if (target?.environment !== 'production' || confirm === target.name) return;
  throw new ProblemError({
    code: 'confirmation-missing',
    message: `the target ${target.name} is a production: a reset drops everything in it`,
    found: confirm === undefined ? 'no --confirm' : `--confirm ${confirm}`,
    expected: `--confirm ${target.name}`,
    next: `if it is meant, run \`reset --confirm ${target.name}\``,
  });
}
