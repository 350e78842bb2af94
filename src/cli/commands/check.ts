/** `check`: the checklist of the runbook alone, without Temporal: nothing is held, asked or changed. */
import { ProblemError } from '../../model/problem.ts';
import type { ChecklistItem, Runbook } from '../../model/runbook.ts';
import type { TargetView } from '../../model/target.ts';
import { checklistText } from '../../report/checklist-text.ts';
import type { CheckFlags } from '../check-ground.ts';
import type { Call, CommandSpec } from '../command.ts';

export const checkCommand: CommandSpec<CheckFlags> = {
  name: 'check',
  about: "Look at the runbook's checklist now, without a run: backups, replicas, rights, migrations, traffic.",
  options: [
    ['--only <ids>', 'these items, separated by commas; default: all'],
    ['--replicas <number>', 'how many replicas there are to be, where no target says it; default: 0'],
    ['--archives <pattern>...', 'where dumps are found, where no target says it'],
  ],
  work: async (call, flags) => {
    const runbook = requireRunbook(call);
    const items = chosen(runbook, flags.only);
    const [{ checkGround, fitting }, { runChecklist }] = await Promise.all([
      import('../check-ground.ts'),
      import('../../checks/run-checklist.ts'),
    ]);
    const context = await checkGround(call, flags, runbook);
    const checked = await runChecklist(context, items);
    const shown = checked.map(({ item: { id, title, waivable }, outcome }) => {
      return { id, title, waivable, outcome: fitting(outcome, context) };
    });
    const failed = shown.filter(({ outcome }) => outcome.status === 'failed').length;
    const leftOut = runbook.checklist.length - items.length;
    const { name, environment } = context.target;
    return {
      json: { runbook: runbook.name, target: { name, environment }, items: shown, failed, leftOut },
      text: checklistText({ of: whereOf(runbook, context.target), items: shown, leftOut }, call.palette),
      exitCode: failed > 0 ? 1 : 0,
    };
  },
};

function whereOf({ name }: Runbook, target: TargetView): string {
  if (target.name === 'ad-hoc') return `${name} on the database of ${target.urlSource}`;
  return `${name} on the target ${target.name} (environment ${target.environment})`;
}

/** Error: `usage`. */
function chosen({ checklist }: Runbook, only: string | undefined): readonly ChecklistItem[] {
  if (only === undefined) return checklist;
  const ids = only
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const unknown = ids.filter((id) => checklist.every((item) => item.id !== id));
  if (unknown.length === 0 && ids.length > 0) return checklist.filter(({ id }) => ids.includes(id));
  throw new ProblemError({
    code: 'usage',
    message: ids.length === 0 ? '--only names no item' : `the checklist has no item ${unknown.join(', ')}`,
    found: `--only ${only}`,
    expected: `among ${checklist.map(({ id }) => id).join(', ')}`,
    next: 'correct --only, or leave it out',
  });
}

function requireRunbook({ set }: Call): Runbook {
  if (set.runbook) return set.runbook.definition;
  throw new ProblemError({
    code: 'usage',
    message: 'check looks at the checklist of a runbook, and none was named',
    found: `--dir ${set.directory}`,
    expected: '--runbook <name>',
    next: 'name a runbook',
  });
}
