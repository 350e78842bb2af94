/**
 * What lint has to say about migrations, as values: findings with their places, those that a comment allows, and the counts
 * that an exit code is made of. It knows no parser and no database.
 */

export type Severity = 'error' | 'warning';

export interface Finding {
  /** `index-without-concurrently`. Stable: comments, SARIF and dashboards refer to it. */
  readonly rule: string;
  readonly severity: Severity;
  /** `007_recipients`. */
  readonly migration: string;
  /** Relative to the checkout, with forward slashes. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in characters. */
  readonly column: number;
  /** The line of the file, without its line break. */
  readonly excerpt: string;
  /** The fact, naming table and lock. One sentence without a full stop at its end. */
  readonly message: string;
  /** What that does to a system in use. */
  readonly why: string;
  /** SQL that does the same safely, with the names of this file; null where no SQL does. */
  readonly instead: string | null;
  /** `docs/lint/index-without-concurrently.md`. */
  readonly docs: string;
}

/** A finding that a comment in the file allows, or whose rule the runbook has turned off. */
export interface AllowedFinding extends Finding {
  readonly reason: string;
  readonly by: 'comment' | 'runbook';
}

/** What a runbook says of lint rules. */
export interface LintSettings {
  /** By the name of the rule; the others are as they come. */
  readonly rules: Readonly<Record<string, LintSetting>>;
}

export interface LintSetting {
  readonly level: 'off' | 'warn' | 'error';
  readonly reason: string;
}

/** What was looked at. `pending`: what the target has not applied; `all`: every file; `since`: the files after that version. */
export type LintScope =
  | { readonly kind: 'pending' }
  | { readonly kind: 'all' }
  | { readonly kind: 'since'; readonly version: string };

export interface LintReport {
  readonly scope: LintScope;
  /** `user@host:port/database`; null where no database was asked. */
  readonly database: string | null;
  /** As `server_version_num`: 150018 is 15.18. */
  readonly serverVersion: number;
  /** How many migrations were looked at. */
  readonly migrations: number;
  /** In order of files and lines. */
  readonly findings: readonly Finding[];
  readonly allowed: readonly AllowedFinding[];
}

/** What tools that show findings know of a rule. */
export interface RuleAbout {
  readonly name: string;
  /** A few words: `An index is built without CONCURRENTLY`. */
  readonly title: string;
  readonly severity: Severity;
  readonly why: string;
  readonly docs: string;
}

export interface LintCounts {
  readonly errors: number;
  readonly warnings: number;
}

export function countFindings(findings: readonly Pick<Finding, 'severity'>[]): LintCounts {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}

/** `2 errors, 1 warning`; a kind without any is left out; `nothing found` where both are. */
export function countsText({ errors, warnings }: LintCounts): string {
  const words = [counted(errors, 'error'), counted(warnings, 'warning')].filter((one) => one !== '');
  return words.length === 0 ? 'nothing found' : words.join(', ');
}

function counted(amount: number, noun: string): string {
  if (amount === 0) return '';
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
