/**
 * What an operator reads when something is refused or fails: a value with four parts, rendered elsewhere.
 * It knows nothing of SQL drivers, Temporal or terminals.
 */

/**
 * Whether doing the same again may help.
 * - `retry`: the cause passes by itself (connection lost, lock timeout, deadlock, shutdown, too many connections).
 * - `stop`: a person has to change something first.
 */
export type RetryClass = 'retry' | 'stop';

/**
 * One refusal or failure. JSON-safe: it crosses Temporal payloads and `--json` as it is.
 * Rendered as `code: message`, then `found:`, `expected:` and `next:` where they are there.
 */
export interface Problem {
  /** Stable, kebab-case, searchable: `migration-edited`, `claim-held`. Part of the public API. */
  readonly code: string;
  /** What happened, one sentence, without a full stop at the end. Never holds a password or SQL literals. */
  readonly message: string;
  /** What was found, as facts. Several lines are allowed. */
  readonly found?: string;
  /** What was expected instead. */
  readonly expected?: string;
  /** The way out: an exact command where there is one. */
  readonly next?: string;
  readonly retry: RetryClass;
  /** PostgreSQL's five-character SQLSTATE, where the database raised it. */
  readonly sqlstate?: string;
  /** What the runbook's troubleshooting table says about it, where an entry matches. */
  readonly resolution?: string;
}

/** The parts of a Problem that have defaults: `retry` is `stop` unless said otherwise. */
export type ProblemInput = Omit<Problem, 'retry'> & { readonly retry?: RetryClass };

/** Carries a Problem through `throw`. `cause` keeps the driver's own error for logs; it is never printed to an operator. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: ProblemInput, options?: { cause?: unknown }) {
    super(`${problem.code}: ${problem.message}`, options);
    this.name = 'ProblemError';
    this.problem = { retry: 'stop', ...problem };
  }
}

/** True for errors thrown as a Problem, also across duplicated module instances. */
export function isProblemError(error: unknown): error is ProblemError {
  return error instanceof Error && error.name === 'ProblemError' && 'problem' in error;
}

/** The troubleshooting entry of a runbook that may match a Problem. */
export interface TroubleshootingEntry {
  /** What the operator sees, as the user's table words it. */
  readonly symptom: string;
  /** Which problems it explains: all given parts must match. `pattern` is a regular expression over `message` and `found`. */
  readonly match: { readonly sqlstate?: string; readonly code?: string; readonly pattern?: string };
  readonly resolution: string;
}

/** The first entry whose given parts all match the problem; undefined where none does. An entry without any part matches nothing. */
export function resolutionFor(
  problem: Problem,
  entries: readonly TroubleshootingEntry[],
): TroubleshootingEntry | undefined {
  const text = `${problem.message}\n${problem.found ?? ''}`;
  return entries.find(({ match }) => {
    if (!match.sqlstate && !match.code && !match.pattern) return false;
    if (match.sqlstate && match.sqlstate !== problem.sqlstate) return false;
    if (match.code && match.code !== problem.code) return false;
    return !match.pattern || new RegExp(match.pattern, 'i').test(text);
  });
}

/** The problem with the matching entry's resolution added; the problem itself where none matches. */
export function withResolution(problem: Problem, entries: readonly TroubleshootingEntry[]): Problem {
  const entry = resolutionFor(problem, entries);
  return entry ? { ...problem, resolution: entry.resolution } : problem;
}
