/** The exit codes of every command, and which problems are a refusal rather than a failure. */
import type { Problem } from '../model/problem.ts';

/** 0 done or up to date · 1 failed · 2 refused, or called wrongly · 3 pending or drifted (only where asked for). */
export type ExitCode = 0 | 1 | 2 | 3;

/** Nothing was begun: the call, the files, the database or somebody else at work stand against it. */
const REFUSED: readonly string[] = [
  'usage',
  'database-url-missing',
  'database-url-invalid',
  'url-variable-missing',
  'url-file-missing',
  'target-unknown',
  'targets-missing',
  'targets-invalid',
  'runbook-not-allowed',
  'runbook-unknown',
  'runbook-invalid',
  'confirmation-missing',
  'claim-held',
  'claim-not-held',
  'migrator-at-work',
  'pooled-connection',
  'database-is-replica',
  'database-read-only',
  'server-too-old',
  'missing-rights',
  'ledger-foreign',
  'migrations-directory-missing',
  'migration-files-invalid',
  'migration-syntax',
  'migration-edited',
  'migration-file-missing',
  'migration-out-of-order',
  'transaction-control-in-file',
  'statement-not-allowed',
  'index-without-name',
];

/** The exit code of a command that ended with this problem. */
export function exitCodeOf(problem: Pick<Problem, 'code'>): ExitCode {
  return REFUSED.includes(problem.code) ? 2 : 1;
}
