/**
 * What the workflows ask of a worker: names, inputs and results of every activity. Types only: workflows import this
 * file and nothing behind it. Names and JSON shapes are public once a history exists.
 */
import type { RunEvent } from '../model/event.ts';
import type { NotificationMessage } from '../model/notification.ts';
import type { CheckOutcome, Evidence, StepOutcome } from '../model/outcome.ts';
import type { Operation, Plan, PlannedMigration } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { Runbook } from '../model/runbook.ts';
import type { RunState } from '../model/state.ts';
import type { TargetIdentity, TargetView } from '../model/target.ts';

/** Which run asks, on what: part of every input, so that an activity needs nothing else to find its way. */
export interface RunRef {
  readonly runbook: string;
  /** sha256 hex of the definition; empty until the plan is made. A worker with another definition refuses. */
  readonly runbookDigest: string;
  readonly target: string;
  readonly workflowId: string;
  readonly runId: string;
  /**
   * What to do about trouble that a person or a failover can mend meanwhile (files, settings, a database that takes no writes): an undo
   * keeps trying, a step gives up.
   */
  readonly patience: 'give-up' | 'keep-trying';
}

/** A RunRef with the fencing number of the claim: for whatever touches the database after the claim. */
export interface ClaimedRef extends RunRef {
  readonly token: string;
  /**
   * What is held and paused, as the plan of the run has it: a worker goes by this and not by its drydock.yaml, which may be another one
   * by then. Secrets stay references. Left out by runs of older versions, and before there is a plan.
   */
  readonly approved?: Pick<TargetView, 'drain' | 'consumers'>;
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

export interface LookBeforeStep {
  /** What the server answers now. */
  readonly identity: TargetIdentity;
  /** Set where it is another database than before, or the same one after a failover. */
  readonly changed?: Problem;
  /** Set where a replica is further behind than the target's `watch` allows. */
  readonly lagging?: { readonly summary: string; readonly evidence: readonly Evidence[] };
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
  /** Pauses one consumer and waits for the proof that it has stopped; noted before, so that it is resumed whatever happens. */
  pauseConsumer(ref: ClaimedRef & { readonly consumer: string }): Promise<StepOutcome>;
  /** Harmless where it runs. */
  resumeConsumer(ref: ClaimedRef & { readonly consumer: string }): Promise<StepOutcome>;
  /** Renews the lease of the hold until it is cancelled. Error: `hold-lost`. */
  keepHold(ref: ClaimedRef): Promise<void>;
  /** What is held stays held for so long and is then let go by the guard: for a person, after a failed undo. */
  extendHold(ref: ClaimedRef & { readonly forMs: number }): Promise<StepOutcome>;
  /** A named restore point in the WAL, its LSN, and the settings that would bring the database back to it. */
  writeRestorePoint(ref: ClaimedRef): Promise<StepOutcome>;
  /** Before each step of an execution: still the same database, and replicas near enough. One short look. */
  lookBeforeStep(ref: ClaimedRef & { readonly identity: TargetIdentity }): Promise<LookBeforeStep>;
  /** Until every replica is within the target's `resumeBelow`; fails after its `giveUpAfter`. */
  awaitReplicas(ref: ClaimedRef): Promise<StepOutcome>;
  /** ANALYZE of what the runbook's schemas hold, so that the first queries have statistics. */
  analyzeTables(ref: ClaimedRef): Promise<StepOutcome>;
  /** Watches errors, lock waits, failed cached plans and replica lag for the target's time; what it saw is a value. */
  watchAfterRelease(ref: RunRef): Promise<CheckOutcome>;
  /** Tells one notifier. Error: `notification-failed`. */
  notify(input: {
    readonly ref: RunRef;
    readonly notifier: string;
    readonly message: NotificationMessage;
  }): Promise<void>;
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
