/** `rollback`: one step back, the most recent one, or several. Rows that would be lost are saved first. */
import { ProblemError } from '../../model/problem.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';

/** The switch that all commands share which go back. */
export const ALLOW_DATA_LOSS = ['--allow-data-loss', 'do not save the rows that are dropped'] as const;

/** The switch that all commands share which can show beforehand how they go back. */
export const DRY_RUN_BACK = [
  '--dry-run',
  'show order, SQL, locks and the rows that would be lost; tried and taken back, nothing is changed',
] as const;

/** What the switch says to the migrator. */
export function dataLossOf({ allowDataLoss }: { readonly allowDataLoss?: boolean }) {
  return { dataLoss: allowDataLoss ? 'drop-rows-unsaved' : 'save-rows' } as const;
}

interface RollbackFlags {
  readonly allowDataLoss?: boolean;
  readonly count?: string;
  readonly dryRun?: boolean;
}

export const rollbackCommand: CommandSpec<RollbackFlags> = {
  name: 'rollback',
  about: 'Undo the most recent migration by its mirror, or clear what an unfinished one left. Rows are saved first.',
  options: [ALLOW_DATA_LOSS, ['--count <number>', 'so many steps; default: 1'], DRY_RUN_BACK, ...LOCK_OPTIONS],
  work: async (call, flags) => {
    const count = flags.count === undefined ? undefined : countOf(flags.count);
    if (flags.dryRun) return showDryRun(call, flags, count);
    const migrator = await call.migrator(dataLossOf(flags));
    if (count === undefined) return { json: await migrator.rollback(), text: '' };
    const reverted = await migrator.rollbackSeveral(count);
    return { json: { reverted }, text: reverted.length > 1 ? `${reverted.length} migrations rolled back` : '' };
  },
};

async function showDryRun(call: Call, flags: RollbackFlags, count: number | undefined): Promise<Answer> {
  const { showDryRunBack } = await import('../show-dry-run-back.ts');
  const request = count === undefined ? ({ kind: 'last' } as const) : ({ kind: 'steps', count } as const);
  return showDryRunBack(call, { request, allowDataLoss: flags.allowDataLoss });
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ProblemError({
    code: 'usage',
    message: '--count has to be a whole number above 0',
    found: `"${text}"`,
    next: 'run `rollback --count 1` for one step',
  });
}
