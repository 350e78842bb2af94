/** What the phases of one run share, and the few moves all of them make: do an item, wait for a person, stop at a pause. */
import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { ClaimedRef, RunbookActivities, RunRef } from '../../activities/contract.ts';
import type { Consumer } from '../../model/consumer.ts';
import type { ItemRef } from '../../model/event.ts';
import type { RunInput } from '../../model/input.ts';
import type { CheckOutcome, StepOutcome } from '../../model/outcome.ts';
import type { Operation, Plan } from '../../model/plan.ts';
import { type Problem, withResolution } from '../../model/problem.ts';
import type { Runbook } from '../../model/runbook.ts';
import type { TargetIdentity, TargetView } from '../../model/target.ts';
import { problemFailure, problemOf } from './failures.ts';
import type { Journal } from './journal.ts';
import type { LeaseKeeper } from './lease.ts';
import { type ActivityProfile, perform } from './options.ts';

/** Failure types that end a run by a person's word or silence, not by a fault. */
export const EXPIRED = 'Expired';
export const REJECTED = 'Rejected';

export class Run {
  readonly operation: Operation;
  readonly input: RunInput;
  readonly journal: Journal;
  ref: RunRef;
  token = '';
  /** What has to be let go of at the end. Set before the step begins: its answer may be lost while its work is done. */
  readonly begun = { claim: false, hold: false };
  /** Consumers that may be paused by this run, in their order. */
  readonly paused: Consumer[] = [];
  /** Set while something is held that has a lease. */
  lease: LeaseKeeper | null = null;
  /** Until when an undo that cannot go on may wait, once it has had to. */
  undoWaitsUntilMs: number | null = null;
  /** Why the work was ended from within, beside it: the lease of what is held was lost. */
  lost: Problem | null = null;
  /** What the database was when it was last looked at, or accepted by a person. */
  identity: TargetIdentity | null = null;
  runbook: Runbook | null = null;

  constructor(operation: Operation, input: RunInput, ref: RunRef, journal: Journal) {
    this.operation = operation;
    this.input = input;
    this.ref = ref;
    this.journal = journal;
  }

  get plan(): Plan {
    if (!this.journal.plan) throw ApplicationFailure.nonRetryable('no plan has been made yet', 'Bug');
    return this.journal.plan;
  }

  get claimed(): ClaimedRef {
    const target = this.journal.plan?.target;
    return { ...this.ref, token: this.token, ...(target ? { approved: heldBy(target) } : {}) };
  }

  /** For undoing and letting go: they work with whatever definition a worker has by then. */
  get anyway(): ClaimedRef {
    return { ...this.claimed, runbookDigest: '', patience: 'keep-trying' };
  }

  /** One activity on the target's queue. */
  perform<K extends keyof RunbookActivities>(
    name: K,
    profile: ActivityProfile,
    summary: string,
    input: Parameters<RunbookActivities[K]>[0],
  ) {
    return perform(name, profile, summary, input, this.journal.plan?.target.taskQueue);
  }

  /** A step that passes or throws: recorded either way. */
  async step(item: ItemRef, work: () => Promise<StepOutcome>): Promise<StepOutcome> {
    this.journal.record({ kind: 'item-started', item });
    try {
      const outcome = await work();
      const { summary, evidence, durationMs, saved = [], deviation } = outcome;
      for (const rows of saved) this.journal.record({ kind: 'rows-saved', saved: rows });
      const told = deviation ? [...evidence, { name: deviation.message, value: deviation.found ?? '' }] : evidence;
      this.journal.record({ kind: 'item-passed', item, summary, evidence: told, durationMs });
      return outcome;
    } catch (error) {
      this.#recordFailure(item, problemOf(error));
      throw error;
    }
  }

  /** A check whose failure is a value: recorded, and given back. Faults of the way (no connection) become a failure too. */
  async check(item: ItemRef, work: () => Promise<CheckOutcome>): Promise<CheckOutcome> {
    this.journal.record({ kind: 'item-started', item });
    const startedAt = Date.now();
    try {
      const outcome = await work();
      if (outcome.status === 'passed') {
        const { summary, evidence } = outcome;
        this.journal.record({ kind: 'item-passed', item, summary, evidence, durationMs: Date.now() - startedAt });
      } else {
        this.#recordFailure(item, outcome.problem ?? unexplained(outcome), outcome.evidence);
      }
      return outcome;
    } catch (error) {
      const problem = problemOf(error);
      this.#recordFailure(item, problem);
      if (problem.code === 'cancelled') throw error;
      return {
        status: 'failed',
        summary: problem.message,
        evidence: [],
        measuredAt: new Date().toISOString(),
        problem,
      };
    }
  }

  /** As check, but a failure ends the run. */
  async require(item: ItemRef, work: () => Promise<CheckOutcome>): Promise<void> {
    const outcome = await this.check(item, work);
    if (outcome.status === 'failed') throw problemFailure(this.explained(outcome.problem ?? unexplained(outcome)));
  }

  /** Waits for a person until `timeoutMs` are over; silence ends the run. */
  async awaitPerson(what: 'approval' | 'decision', timeoutMs: number, answered: () => boolean): Promise<void> {
    const inTime = await condition(answered, timeoutMs, { summary: `waiting for ${what}` });
    if (inTime) return;
    this.journal.record({ kind: 'expired', waitedFor: what, waitedMs: timeoutMs });
    throw ApplicationFailure.nonRetryable(
      `nobody gave ${what === 'approval' ? 'an approval' : 'a decision'} in time`,
      EXPIRED,
    );
  }

  /** How long a person may take: while this run keeps traffic away, no longer than the target lets it stay away for one. */
  patienceMs(timeoutMs: number): number {
    return this.lease ? Math.min(timeoutMs, this.plan.target.holdAtMostMs) : timeoutMs;
  }

  /** Where the run stands still while it is paused: before each item. A pause that nobody ends must not keep traffic away for ever. */
  async gate(): Promise<void> {
    if (!this.journal.state.paused) return;
    const goesOn = () => !this.journal.state.paused;
    if (!this.lease) return condition(goesOn);
    const limitMs = this.plan.target.holdAtMostMs;
    if (await condition(goesOn, limitMs, { summary: 'paused, with traffic held' })) return;
    this.journal.record({ kind: 'expired', waitedFor: 'resume', waitedMs: limitMs });
    throw ApplicationFailure.nonRetryable('nobody resumed the run in time, and traffic is held', EXPIRED);
  }

  /** The problem with the runbook's own resolution, where the troubleshooting table has one. */
  explained(problem: Problem): Problem {
    return withResolution(problem, this.runbook?.troubleshooting ?? []);
  }

  #recordFailure(item: ItemRef, problem: Problem, evidence: CheckOutcome['evidence'] = []): void {
    this.journal.record({ kind: 'item-failed', item, problem: this.explained(problem), evidence });
  }
}

function heldBy({ drain, consumers }: TargetView): NonNullable<ClaimedRef['approved']> {
  return { drain, ...(consumers ? { consumers } : {}) };
}

function unexplained(outcome: CheckOutcome): Problem {
  return { code: 'check-failed', message: outcome.summary, retry: 'stop' };
}
