/** The words for commands that do not answer, or report no backup that counts. */
import type { BackupProvider } from '../../../model/backups.ts';
import { formatDuration } from '../../../model/duration.ts';
import type { ProblemInput } from '../../../model/problem.ts';
import { lastWords, MOST_OUTPUT, type ProgramEnd } from '../run-program.ts';
import type { ReportedBackup } from './answer-schema.ts';
import type { Unfit } from './judge-reported.ts';

export type CommandProvider = Extract<BackupProvider, { readonly kind: 'command' }>;

const SHAPE = '{"backups":[{"kind":"pitr","finishedAt":"2026-01-31T03:04:05Z", …}]}, as in docs/checklist/backups.md';

export function didNotAnswer({ name, run, timeoutMs }: CommandProvider, end: ProgramEnd): ProblemInput {
  return {
    code: end.kind === 'timed-out' ? 'backup-command-hangs' : 'backup-command-failed',
    message: `the command ${name} did not say which backups there are`,
    found: howItEnded(end, timeoutMs),
    expected: 'exit code 0, and JSON on standard output',
    next: `run it by hand as the worker's user: ${run.join(' ')}; then retry this item`,
  };
}

export function howItEnded(end: ProgramEnd, timeoutMs: number): string {
  if (end.kind === 'not-started') return `it could not be started: ${end.reason}`;
  if (end.kind === 'too-much-output') return `it printed more than ${MOST_OUTPUT} characters`;
  const words = lastWords(end.errors);
  const said = words === '' ? 'it said nothing on standard error' : `its last words: ${words}`;
  if (end.kind === 'timed-out') return `it was ended after ${formatDuration(timeoutMs)}; ${said}`;
  return `${end.exitCode === null ? 'it was ended by a signal' : `exit code ${end.exitCode}`}; ${said}`;
}

export function notUnderstood({ name, run }: CommandProvider, why: string): ProblemInput {
  return {
    code: 'backup-command-not-understood',
    message: `what the command ${name} printed cannot be read`,
    found: why,
    expected: SHAPE,
    next: `correct what it prints: ${run.join(' ')}; then retry this item`,
  };
}

export function noneOfTheKind({ name, proves }: CommandProvider, backups: readonly ReportedBackup[]): ProblemInput {
  return {
    code: 'backup-none',
    message: `the command ${name} reports no backup of the kind ${proves}`,
    found: backups.length === 0 ? 'an empty list' : `${backups.length} of another kind`,
    expected: `at least one of the kind ${proves}`,
    next: 'take a backup, and retry this item',
  };
}

export function notFitting({ name }: CommandProvider, { code, is, found, expected }: Unfit): ProblemInput {
  return {
    code,
    message: `the newest backup that ${name} reports is ${is}`,
    found,
    expected,
    next: 'take a backup of this database, and retry this item',
  };
}
