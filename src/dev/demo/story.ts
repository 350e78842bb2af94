/** What the demo says between the events: what is about to be seen, and what was proven. Pure: facts in, lines out. */
import { shortDigest } from '../../model/plan.ts';
import type { RunState } from '../../model/state.ts';
import type { Backup } from './backup.ts';

export function openingLines(): string[] {
  return [
    'Drydock demo: two runs of runbooks/communication.yaml on a real PostgreSQL and a real Temporal, started for this and',
    'removed afterwards. The first goes well. The second fails in validation and is undone, with proof.',
    '',
  ];
}

export function backupLine(backup: Backup): string {
  return backup.kind === 'taken'
    ? `Backup: pg_dump wrote ${backup.file}, as the nightly backup would`
    : `Backup: none, because ${backup.reason}; its checklist item will fail, and be waived by name`;
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
    'Second run: the same runbook on a database whose core.users has no rows. Everything is applied, then the smoke',
    'validation cannot write its sample message: the run undoes all it did.',
    '',
  ];
}

/** The proof, or what spoiled it. */
export function proofLines(first: RunState, second: RunState): string[] {
  const { before, after } = second.fingerprints;
  const equal = before !== null && before === after;
  return [
    '',
    `First run:   ${first.outcome ?? 'not ended'}; ${first.sentence ?? ''}`,
    `Second run:  ${second.outcome ?? 'not ended'}; ${second.sentence ?? ''}`,
    `Fingerprint: before ${shortDigest(before ?? 'none')}, after ${shortDigest(after ?? 'none')}: ${equal ? 'equal, the schema is as it was' : 'NOT EQUAL'}`,
    `Reports:     ${[...first.reportFiles, ...second.reportFiles].filter((file) => !file.endsWith('.json')).join('\n             ')}`,
    '',
  ];
}

/** Whether the demo showed what it promised. */
export function asPromised(first: RunState, second: RunState): 'yes' | 'no' {
  const { before, after } = second.fingerprints;
  return first.outcome === 'done' && second.outcome === 'rolled-back' && before !== null && before === after
    ? 'yes'
    : 'no';
}
