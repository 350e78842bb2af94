/** What the demo says between the events: what is about to be seen, and what was proven. Pure: facts in, lines out. */
import { planSentence } from '../../model/brief.ts';
import { type Plan, shortDigest } from '../../model/plan.ts';
import type { RunState } from '../../model/state.ts';
import { migrationName, type UndoPreview } from '../../model/undo.ts';

export function openingLines(): string[] {
  return [
    'Drydock demo: two runs of runbooks/communication.yaml on a real PostgreSQL and a real Temporal, started for this and',
    'removed afterwards. The first goes well. The second fails in validation and is undone, with proof.',
    '',
  ];
}

export function firstRunLines(uiUrl: string | undefined): string[] {
  return [
    '',
    ...(uiUrl ? [`Temporal UI: ${uiUrl}`, ''] : []),
    'First run: nine migrations, seeds and validations. The drain is shortened to 5 s here; the runbook asks for 5 minutes.',
    '',
  ];
}

export function secondRunLines(): string[] {
  return [
    '',
    'Second run: the same runbook on a database that has five of the migrations already, and no rows in core.users. The other',
    'four are applied, then the smoke validation finds nobody to write to: the run undoes what it did, and only that.',
    '',
  ];
}

/** What a person has to know before an approval, in a few lines. */
export function questionLines(plan: Plan, undo: UndoPreview): string[] {
  const names = plan.steps.flatMap((step) =>
    step.kind === 'apply' || step.kind === 'revert' ? [migrationName(step.migration)] : [],
  );
  return [
    `           ${planSentence(plan)}`,
    `           Migrations: ${names.join(', ')}`,
    `           Now: ${undo.sentence}.`,
  ];
}

/** The proof, or why there is none. */
export function proofLines(first: RunState, second: RunState): string[] {
  return [
    '',
    `First run:   ${first.outcome ?? 'not ended'}; ${first.sentence ?? ''}`,
    `Second run:  ${second.outcome ?? 'not ended'}; ${second.sentence ?? ''}`,
    `Fingerprint: ${proof(second)}`,
    `Reports:     ${[...first.reportFiles, ...second.reportFiles].filter((file) => !file.endsWith('.json')).join('\n             ')}`,
    '',
  ];
}

function proof({ fingerprints: { before, after } }: RunState): string {
  if (before === null || after === null) return 'not taken: the second run ended before it changed anything';
  const equal = before === after ? 'equal, the schema is as it was' : 'NOT EQUAL';
  return `before ${shortDigest(before)}, after ${shortDigest(after)}: ${equal}`;
}

const BY_A_PERSON = ['rejected', 'aborted'];

/** Whether the demo showed what it promised, or ended a run because a person said so. */
export function asPromised(first: RunState, second: RunState): 'yes' | 'no' {
  if ([first, second].some(({ outcome }) => BY_A_PERSON.includes(outcome ?? ''))) return 'yes';
  const { before, after } = second.fingerprints;
  return first.outcome === 'done' && second.outcome === 'rolled-back' && before !== null && before === after
    ? 'yes'
    : 'no';
}
