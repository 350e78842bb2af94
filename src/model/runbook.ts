/**
 * The runbook as data, as it travels in a run's history: no SQL text, no rows, no secrets.
 * Parsing YAML is the loader's work; carrying it out is the workflow's.
 */
import type { LintSettings } from './lint.ts';
import type { TroubleshootingEntry } from './problem.ts';

/** One validated `runbooks/<name>.yaml`. */
export interface Runbook {
  readonly version: 1;
  /** `[a-z][a-z0-9-]*`; the first half of the workflow id. */
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  /** Schemas this runbook owns: they are fingerprinted, and quiet is looked for there. */
  readonly schemas: readonly string[];
  /** Where `schema_migrations` lives. */
  readonly ledgerSchema: string;
  /** `directory` is relative to the checkout's root; `expect` is how many migrations must be on disk. */
  readonly migrations: { readonly directory: string; readonly expect?: number };
  /** What stands for `${name}` in the migrations; where it is carried out, with the target's own values. Left out: nothing is filled in. */
  readonly placeholders?: Readonly<Record<string, string>>;
  /** Left out: every lint rule is as it comes. */
  readonly lint?: LintSettings;
  readonly checklist: readonly ChecklistItem[];
  readonly window: WindowPolicy;
  readonly execution: readonly ExecutionStep[];
  readonly validation: readonly ValidationItem[];
  readonly troubleshooting: readonly TroubleshootingEntry[];
  /** Left out: nothing is declared for rehearsals, and nothing is compared with one. */
  readonly rehearsal?: RehearsalPolicy;
}

export interface RehearsalPolicy {
  /** SQL that makes what the migrations refer to, where no dump can be taken; relative to the checkout's root. */
  readonly stub?: string;
  /** Left out: what a step does is not compared with its rehearsal. */
  readonly deviations?: DeviationPolicy;
}

/** When a step that does more than its rehearsal did makes the run stop and ask. */
export interface DeviationPolicy {
  /** So many times longer than rehearsed is a deviation. Default 10. */
  readonly durationFactor: number;
  /** What takes less is never one, whatever was rehearsed. Default 1 s. */
  readonly durationFloorMs: number;
}

export interface ChecklistItem {
  readonly id: string;
  readonly title: string;
  readonly spec: CheckSpec;
  /** Whether a named person may waive it with a reason. Default false. */
  readonly waivable: boolean;
}

/** What a checklist item looks at. Closed: a new kind is a new file in `src/checks` and a member here. */
export type CheckSpec =
  | { readonly kind: 'primary' }
  | { readonly kind: 'environment' }
  | { readonly kind: 'dump-archives'; readonly maxAgeMs: number }
  | { readonly kind: 'wal-archiving'; readonly maxAgeMs: number }
  /** Asks the providers of the target that prove a dump, or a way back to a point in time; one of them has to. */
  | { readonly kind: 'logical-backup'; readonly maxAgeMs: number }
  | { readonly kind: 'pitr-backup'; readonly maxAgeMs: number }
  | { readonly kind: 'replica-lag'; readonly maxLagMs: number }
  | { readonly kind: 'dry-run' }
  /** A rehearsal of exactly these files on exactly this ledger, with a good verdict, no older than this. */
  | { readonly kind: 'rehearsal'; readonly maxAgeMs: number }
  | { readonly kind: 'quiet' };

/** The drain window. A target may shorten or lengthen each; the plan says which values hold. */
export interface WindowPolicy {
  /** How long the run waits for a person, for the approval and for a failed item's decision. Default 4 h. */
  readonly approvalTimeoutMs: number;
  /** How long traffic has to be quiet, without a break, before anything is changed. Default 5 min. */
  readonly drainMs: number;
  /** How long to wait for that quiet before the run gives up with nothing changed. Default 30 min. */
  readonly drainTimeoutMs: number;
}

export type ExecutionStep =
  /** `before`: the ledger is as planned and no table of a pending migration exists. `after`: all applied, all tables there. */
  | { readonly kind: 'status'; readonly id: string; readonly title: string; readonly expect: 'before' | 'after' }
  /** Becomes one activity per pending migration. */
  | { readonly kind: 'migrate'; readonly id: string; readonly title: string }
  /** `module`: a file below the checkout's root whose default export is a Seed. Only where the target wants seeds. */
  | { readonly kind: 'seed'; readonly id: string; readonly title: string; readonly module: string };

/** One validation: its statements run in one transaction that is always rolled back. */
export interface ValidationItem {
  readonly id: string;
  readonly title: string;
  /** Whether its statements may write (and be rolled back). Default false: the transaction is read-only. */
  readonly writes: boolean;
  readonly statements: readonly ValidationStatement[];
  /** What to do when it fails, in words. */
  readonly otherwise?: string;
}

export interface ValidationStatement {
  /** `query` runs the statement; `explain` asks for its plan. */
  readonly mode: 'query' | 'explain';
  /** sha256 hex of the SQL text; the text itself stays in the file. */
  readonly sqlDigest: string;
  readonly expect?: Expectation;
}

export type Expectation =
  /** At least one row, and no column of any row is null. */
  | { readonly kind: 'all-not-null' }
  | { readonly kind: 'rows'; readonly atLeast?: number; readonly exactly?: number }
  | { readonly kind: 'no-rows' }
  /** Each of `values` occurs within `column` in at least one row. */
  | { readonly kind: 'column-contains'; readonly column: string; readonly values: readonly string[] }
  /** The plan scans by this index. */
  | { readonly kind: 'uses-index'; readonly index: string };
