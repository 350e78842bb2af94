/**
 * What the workflows ask of a worker: names, inputs and results of every activity. Types only: workflows import this
 * file and nothing behind it. Names and JSON shapes are public once a history exists.
 */
import type { RunEvent } from '../model/event.ts';
import type { CheckOutcome, StepOutcome } from '../model/outcome.ts';
import type { Operation, Plan, PlannedMigration } from '../model/plan.ts';
import type { Runbook } from '../model/runbook.ts';
import type { RunState } from '../model/state.ts';

/** Which run asks, on what: part of every input, so that an activity needs nothing else to find its way. */
export interface RunRef {
  readonly runbook: string;
  /** sha256 hex of the definition; empty until the plan is made. A worker with another definition refuses. */
  readonly runbookDigest: string;
  readonly target: string;
  readonly workflowId: string;
  readonly runId: string;
  /** What to do about trouble that a person can mend meanwhile (files, settings): an undo keeps trying, a step gives up. */
  readonly patience: 'give-up' | 'keep-trying';
}

/** A RunRef with the fencing number of the claim: for whatever touches the database after the claim. */
export interface ClaimedRef extends RunRef {
  readonly token: string;
}

/** One migration, up or down. On the way forward traffic must be held; an undo goes on whatever happens around it. */
export interface MigrationRequest extends ClaimedRef {
  readonly migration: PlannedMigration;
  readonly traffic: 'must-be-held' | 'no-matter';
  /** `accepted`: a person has agreed to it doing more than its rehearsal did. Left out: that is a failure. */
  readonly deviations?: 'accepted';
}

export interface PlanRequest extends RunRef {
  readonly operation: Operation;
  /** The target's name, typed by whoever resets a production; else empty. */
  readonly confirm: string;
  readonly window: { readonly approvalTimeoutMs?: number; readonly drainMs?: number; readonly drainTimeoutMs?: number };
}

/** The digest of a stored fingerprint and how many objects it covers; the objects themselves stay in the database. */
export interface FingerprintTaken {
  readonly digest: string;
  readonly objects: number;
}

export interface FingerprintCompared extends FingerprintTaken {
  readonly before: string;
  /** Readable lines, at most 50; none where the digests are equal. */
  readonly differences: readonly string[];
}

export interface RunbookActivities {
  /** Reads runbook, target, files and ledger; touches nothing. */
  makePlan(request: PlanRequest): Promise<{ readonly runbook: Runbook; readonly plan: Plan }>;
  /** Marks the database as worked on by this run; the same run gets the same token again. */
  claimDatabase(ref: RunRef & { readonly operation: Operation }): Promise<{ readonly token: string }>;
  /** A new token in the place of this one, before an undo: whatever still runs under the old one can commit no more. */
  renewClaim(ref: ClaimedRef & { readonly operation: Operation }): Promise<{ readonly token: string }>;
  /** Drops the claim of this run, whatever its token; no claim is no error. */
  dropClaim(ref: RunRef & { readonly fingerprint: 'keep' | 'forget' }): Promise<void>;
  runCheck(ref: RunRef & { readonly item: string; readonly forOperation: Operation }): Promise<CheckOutcome>;
  holdTraffic(ref: ClaimedRef): Promise<StepOutcome>;
  releaseTraffic(ref: ClaimedRef): Promise<StepOutcome>;
  /** Waits until traffic was quiet for `drainMs` without a break; fails after `drainTimeoutMs`, naming who was not. */
  proveQuiet(ref: ClaimedRef & { readonly drainMs: number; readonly drainTimeoutMs: number }): Promise<CheckOutcome>;
  /** Fingerprint of the owned schemas, stored under this run as the state to come back to. */
  storeFingerprint(ref: ClaimedRef): Promise<FingerprintTaken>;
  /** Fingerprint now, compared with the stored one. */
  compareFingerprint(ref: ClaimedRef): Promise<FingerprintCompared>;
  checkStatus(
    ref: RunRef & { readonly expect: 'before' | 'after'; readonly pending: readonly PlannedMigration[] },
  ): Promise<CheckOutcome>;
  applyMigration(request: MigrationRequest): Promise<StepOutcome>;
  /** Reverts one migration; where it is not applied, does nothing and says so. */
  revertMigration(request: MigrationRequest): Promise<StepOutcome>;
  applySeed(ref: ClaimedRef & { readonly module: string; readonly moduleDigest: string }): Promise<StepOutcome>;
  /** Removes the rows that this run's seed inserted, no others. */
  undoSeed(ref: ClaimedRef & { readonly module: string }): Promise<StepOutcome>;
  validate(ref: RunRef & { readonly item: string }): Promise<CheckOutcome>;
  /** Renders the report where the worker keeps reports; gives the files' paths. */
  writeReport(input: {
    readonly ref: RunRef;
    readonly state: RunState;
    readonly events: readonly RunEvent[];
    readonly plan: Plan | null;
  }): Promise<{
    readonly files: readonly string[];
  }>;
}
