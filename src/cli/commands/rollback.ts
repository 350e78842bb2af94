/** `rollback`: one step back, the most recent one, or several. Rows that would be lost are saved first. */
import { ProblemError } from '../../model/problem.ts';
import type { CommandSpec } from '../command.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';

/** The switch that all commands share which go back. */
export const ALLOW_DATA_LOSS = ['--allow-data-loss', 'do not save the rows that are dropped'] as const;

/** What the switch says to the migrator. */
export function dataLossOf({ allowDataLoss }: { readonly allowDataLoss?: boolean }) {
  return { dataLoss: allowDataLoss ? 'drop-rows-unsaved' : 'save-rows' } as const;
}

interface RollbackFlags {
  readonly allowDataLoss?: boolean;
  readonly count?: string;
}

export const rollbackCommand: CommandSpec<RollbackFlags> = {
  name: 'rollback',
  about: 'Undo the most recent migration by its mirror, or clear what an unfinished one left. Rows are saved first.',
  options: [ALLOW_DATA_LOSS, ['--count <number>', 'so many steps; default: 1'], ...LOCK_OPTIONS],
  work: async (call, flags) => {
    const count = flags.count === undefined ? undefined : countOf(flags.count);
    const migrator = await call.migrator(dataLossOf(flags));
    if (count === undefined) return { json: await migrator.rollback(), text: '' };
    const reverted = await migrator.rollbackSeveral(count);
    return { json: { reverted }, text: reverted.length > 1 ? `${reverted.length} migrations rolled back` : '' };
  },
};

function countOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ProblemError({
    code: 'usage',
    message: '--count has to be a whole number above 0',
    found: `"${text}"`,
    next: 'run `rollback --count 1` for one step',
  });
}
