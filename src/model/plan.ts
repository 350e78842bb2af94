/**
 * What a run would do, pinned by a digest: the thing a person approves.
 * Pure: making it from files and a database is an activity; hashing it is done by whoever has a hash.
 */
import { canonicalJson } from './canonical.ts';
import type { ClientWait } from './client-wait.ts';
import type { MigrationImpact } from './impact.ts';
import type { LockLimits } from './lock-limits.ts';
import type { WindowPolicy } from './runbook.ts';
import type { TouchedTable } from './statement-effects.ts';
import type { StepManner } from './step-manner.ts';
import type { TargetIdentity, TargetView } from './target.ts';

/** What is done with the runbook's migrations: all pending ones up, the most recent one down, or all down and all up again. */
export type Operation = 'run' | 'rollback' | 'reset';

/** A migration on disk. Checksums are sha256 hex of the files' bytes; every worker compares its own files with them. */
export interface PlannedMigration {
  /** As in the file name: `007`. */
  readonly version: string;
  readonly name: string;
  /** Up file, relative to the checkout's root. */
  readonly file: string;
  readonly upChecksum: string;
  readonly downChecksum: string;
}

export interface MigrationStep<Kind extends 'apply' | 'revert'> {
  readonly kind: Kind;
  readonly id: string;
  readonly title: string;
  readonly migration: PlannedMigration;
  /** What it does to tables that are there; left out by versions that did not look, and where a file is not SQL. */
  readonly impact?: MigrationImpact;
}

export type PlannedStep =
  | { readonly kind: 'status'; readonly id: string; readonly title: string; readonly expect: 'before' | 'after' }
  | MigrationStep<'apply'>
  | MigrationStep<'revert'>
  | {
      readonly kind: 'seed';
      readonly id: string;
      readonly title: string;
      readonly module: string;
      readonly moduleDigest: string;
    };

/** Everything the digest stands for, and the digest. JSON-safe; no SQL, rows or secrets. Values of placeholders are shown: no secret may be one. */
export interface Plan {
  readonly operation: Operation;
  readonly runbook: { readonly name: string; readonly title: string; readonly digest: string };
  readonly target: TargetView;
  readonly identity: TargetIdentity;
  /** The ledger as it is now: versions in the order they were applied. `unfinished`: a file of several parts that stopped half way. */
  readonly ledger: {
    readonly schema: string;
    readonly applied: readonly { readonly version: string; readonly upChecksum: string }[];
    readonly unfinished: string | null;
  };
  /** What stands for `${name}` in the migrations on this target. Left out: nothing is filled in. */
  readonly placeholders?: Readonly<Record<string, string>>;
  readonly checklist: readonly { readonly id: string; readonly title: string; readonly waivable: boolean }[];
  /** The runbook's window with the target's and the run's own overrides applied. */
  readonly window: WindowPolicy;
  readonly steps: readonly PlannedStep[];
  readonly validation: readonly { readonly id: string; readonly title: string }[];
  /** sha256 hex over all of this but what is below. */
  readonly digest: string;
  /** Sizes of the tables that the steps touch when the plan was made: no part of what is approved, because they change by the minute. */
  readonly touched?: readonly TouchedTable[];
  /** How the migrations are carried out, for people; left out by versions that did not look. */
  readonly manners?: readonly StepManner[];
  /** What the lock policies in `manners` stand for on the target. */
  readonly limits?: LockLimits;
  /** Left out where clients do not wait at a pooler, or may wait for ever. */
  readonly clientWait?: ClientWait;
}

/** What the digest stands for. */
export type PlanContent = Omit<Plan, 'digest' | 'touched' | 'manners' | 'limits' | 'clientWait'>;

/** The text whose sha256 is the plan's digest. */
export function planText(content: PlanContent): string {
  return canonicalJson(content);
}

/** How many hex digits of a digest people see and type. */
export const SHORT_DIGEST = 12;

/** The fewest hex digits of a plan digest that an approval may name. */
export const LEAST_DIGEST_PREFIX = 8;

export function shortDigest(digest: string): string {
  return digest.slice(0, SHORT_DIGEST);
}

/** True where there is no migration to apply or revert: the run ends as up to date and asks nobody. */
export function nothingToDo(plan: Pick<Plan, 'steps'>): boolean {
  return !plan.steps.some((step) => step.kind === 'apply' || step.kind === 'revert');
}
