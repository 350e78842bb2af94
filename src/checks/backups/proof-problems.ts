/** The words for backups that nobody proves, and for dumps of ours in the way. */
import type { BackupKind } from '../../model/backups.ts';
import type { CheckOutcome } from '../../model/outcome.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { describeRunningDump, type RunningDump } from './running-dumps.ts';

const KIND_WORDS: Readonly<Record<BackupKind, string>> = {
  logical: 'a dump of this database',
  pitr: 'a way back to a point in time',
};

export function nothingNamed(target: string): ProblemInput {
  return {
    code: 'backup-not-named',
    message: `the target ${target} does not say where its dumps are`,
    found: 'backups.archives is empty, and no provider proves a logical backup',
    expected: 'patterns such as /backups/communication/*.dump, or a provider',
    next: `add backups: { archives: [...] } to ${target} in drydock.yaml, and retry this item`,
  };
}

export function noProviderProves(
  kind: BackupKind,
  findings: readonly { readonly label: string; readonly outcome: CheckOutcome }[],
): ProblemInput {
  const nexts = findings.flatMap(({ label, outcome }) =>
    outcome.problem?.next === undefined ? [] : [`${label}: ${outcome.problem.next}`],
  );
  return {
    code: 'backup-not-proven',
    message: `no provider proves ${KIND_WORDS[kind]}`,
    found: findings.map(({ label, outcome }) => `${label}: ${foundBy(outcome)}`).join('\n'),
    expected: 'at least one that does',
    next: nexts.join('\n'),
  };
}

function foundBy({ summary, problem }: CheckOutcome): string {
  return problem?.found === undefined ? summary : `${summary} (${problem.found})`;
}

export function stillRunning(dumps: readonly RunningDump[]): ProblemInput {
  return {
    code: 'dump-still-running',
    message: 'a dump of ours is still running: migrations would wait for it',
    found: dumps.map(describeRunningDump).join('\n'),
    expected: 'no dump of this database under way',
    next: `wait for it and retry this item; where it was left behind: SELECT pg_terminate_backend(${dumps[0]!.pid})`,
  };
}
