/**
 * A run told by hand, event by event: a waived backup, refused messages, a failed validation, everything undone. Its times
 * are its own, so that every rendering of it is the same text each time.
 */
import type { ItemRef, Phase, RunEvent, RunEventBody } from '../../../src/model/event.ts';
import type { Evidence } from '../../../src/model/outcome.ts';
import type { Problem } from '../../../src/model/problem.ts';
import { foldEvents, type RunState } from '../../../src/model/state.ts';
import { FINGERPRINT, PLAN, PLAN_DIGEST } from './a-plan.ts';

const START = Date.parse('2026-11-22T14:03:07.000Z');

export const DUMP_PROBLEM: Problem = {
  code: 'backup-missing',
  message: 'no dump archive of the target is there',
  found: 'nothing matches .drydock/demo/backups/*.dump',
  expected: 'a complete archive that is at most 4 h old',
  next: 'pg_dump -Fc --file .drydock/demo/backups/app.dump "$URL", then decide retry',
  retry: 'stop',
};

export const SMOKE_PROBLEM: Problem = {
  code: 'validation-failed',
  message: 'the unread inbox of the sample reader is empty',
  found: '0 rows',
  expected: 'at least 1 row',
  next: 'pnpm tsx src/cli/communication-migrate.ts verify --url $URL',
  resolution: 'Body text is missing {{variable}} tokens. Update template body or adjust the `variables` JSON array.',
  retry: 'stop',
};

/** Writes events with a clock that only moves when it is told to. */
class Teller {
  readonly events: RunEvent[] = [];
  #nowMs = START;

  after(elapsedMs: number): this {
    this.#nowMs += elapsedMs;
    return this;
  }

  say(...bodies: RunEventBody[]): this {
    for (const body of bodies) {
      this.events.push({ seq: this.events.length + 1, at: new Date(this.#nowMs).toISOString(), ...body });
    }
    return this;
  }

  passes(item: ItemRef, durationMs: number, summary: string, evidence: readonly Evidence[] = []): this {
    this.say({ kind: 'item-started', item }).after(durationMs);
    return this.say({ kind: 'item-passed', item, summary, evidence, durationMs });
  }

  fails(item: ItemRef, durationMs: number, problem: Problem, evidence: readonly Evidence[] = []): this {
    return this.say({ kind: 'item-started', item })
      .after(durationMs)
      .say({ kind: 'item-failed', item, problem, evidence });
  }
}

const item = (phase: Phase, id: string, title: string): ItemRef => ({ phase, id, title });
const planned = (phase: Phase, list: readonly { id: string; title: string }[]): ItemRef[] =>
  list.map(({ id, title }) => item(phase, id, title));

const MAKE_PLAN = item('load', 'plan', 'Make the plan');
const CLAIM = item('load', 'claim', 'Claim the database');
const CHECKS = planned('checklist', PLAN.checklist) as [ItemRef, ItemRef, ItemRef];
const STEPS = planned('execution', PLAN.steps) as [ItemRef, ItemRef, ItemRef, ItemRef];
const VALIDATION = planned('validation', PLAN.validation) as [ItemRef, ItemRef];
const WAIVER = { by: 'kim', reason: 'snapshot taken by the storage team' };
const LAG: Evidence[] = [
  { name: 'replicas', value: '1', limit: '1' },
  { name: 'slowest', value: '0.4 s', limit: '5 s' },
];
const ARCHIVES: Evidence[] = [{ name: 'archives', value: '0', limit: 'at least 1' }];

function begun(): Teller {
  return new Teller()
    .say({
      kind: 'run-started',
      operation: 'run',
      runbook: 'communication',
      target: 'demo',
      workflowId: 'communication/demo',
      runId: '0193a0de-5c1f-7000-8000-000000000001',
      requestedBy: 'kim',
    })
    .say({ kind: 'item-started', item: MAKE_PLAN })
    .after(120)
    .say(planMade(), {
      kind: 'item-passed',
      item: MAKE_PLAN,
      summary: 'plan 3f9c2a71b0de',
      evidence: [],
      durationMs: 120,
    })
    .say({ kind: 'item-started', item: CLAIM }, { kind: 'claimed', token: '7' })
    .after(15)
    .say({ kind: 'item-passed', item: CLAIM, summary: 'claim 7', evidence: [], durationMs: 15 })
    .passes(CHECKS[0], 20, 'PostgreSQL 15.18, primary')
    .fails(CHECKS[1], 340, DUMP_PROBLEM, ARCHIVES)
    .passes(CHECKS[2], 450, '1 of 1 replica replayed the marker', LAG);
}

function planMade(): RunEventBody {
  const items = [MAKE_PLAN, CLAIM, ...CHECKS, ...STEPS, ...VALIDATION];
  return {
    kind: 'plan-made',
    digest: PLAN_DIGEST,
    environment: 'demo',
    database: 'app',
    migrations: 2,
    drainMs: 5000,
    items,
  };
}

function waived(teller: Teller): Teller {
  return teller
    .say({ kind: 'decision-asked', item: CHECKS[1], waivable: true, expiresAt: '2026-11-22T18:03:07.945Z' })
    .after(4000)
    .say({
      kind: 'message-refused',
      message: 'approve',
      by: 'sam',
      reason: 'the run does not wait for an approval; it waits for a decision about dump-archives',
    })
    .after(58_000)
    .say(
      { kind: 'decided', item: CHECKS[1], action: 'waive', ...WAIVER },
      { kind: 'item-waived', item: CHECKS[1], ...WAIVER },
    )
    .say({ kind: 'approval-asked', digest: PLAN_DIGEST, expiresAt: '2026-11-22T18:04:09.945Z' });
}

function carriedOut(teller: Teller): Teller {
  return teller
    .after(1_260_000)
    .say({ kind: 'approved', by: 'dba-on-call', reason: 'window agreed', digest: PLAN_DIGEST })
    .passes(CHECKS[0], 18, 'PostgreSQL 15.18, primary')
    .fails(CHECKS[1], 310, DUMP_PROBLEM, ARCHIVES)
    .say({ kind: 'item-waived', item: CHECKS[1], ...WAIVER })
    .passes(CHECKS[2], 430, '1 of 1 replica replayed the marker', LAG)
    .passes(item('window', 'hold', 'Hold traffic'), 12, 'someone else drains')
    .say({ kind: 'hold-taken', how: 'someone else drains' })
    .passes(item('window', 'drain', 'Prove quiet over the drain time'), 5200, 'quiet for 5 s')
    .say({ kind: 'item-started', item: item('window', 'fingerprint', 'Take the fingerprint to come back to') })
    .after(80)
    .say({ kind: 'fingerprint-before', digest: FINGERPRINT, objects: 3 })
    .say({
      kind: 'item-passed',
      item: item('window', 'fingerprint', 'Take the fingerprint to come back to'),
      summary: 'a1b2c3d4e5f6 over 3 objects',
      evidence: [],
      durationMs: 80,
    })
    .passes(STEPS[0], 30, 'nothing is applied, nothing is there')
    .passes(STEPS[1], 140, '001_schema applied')
    .passes(STEPS[2], 310, '002_channels applied')
    .passes(STEPS[3], 60, '4 rows inserted')
    .passes(VALIDATION[0], 25, '8 tables exist');
}

function undone(teller: Teller): Teller {
  const undo = [
    item('undo', 'undo-seed-channels', 'Remove the rows of: Seed the channels'),
    item('undo', 'undo-migrate-002', 'Undo 002_channels'),
    item('undo', 'undo-migrate-001', 'Undo 001_schema'),
  ] as const;
  const verify = item('undo', 'verify', 'Compare the schema with how it was before');
  const because = `${SMOKE_PROBLEM.code}: ${SMOKE_PROBLEM.message}`;
  return teller
    .fails(VALIDATION[1], 90, SMOKE_PROBLEM)
    .say({ kind: 'undo-started', steps: [...undo, verify], because })
    .passes(undo[0], 40, '4 rows removed')
    .passes(undo[1], 120, '002_channels reverted')
    .passes(undo[2], 70, '001_schema reverted')
    .say({ kind: 'item-started', item: verify })
    .after(85)
    .say({ kind: 'verified', before: FINGERPRINT, after: FINGERPRINT, differences: [] })
    .say({
      kind: 'item-passed',
      item: verify,
      summary: 'equal: a1b2c3d4e5f6 over 3 objects',
      evidence: [],
      durationMs: 85,
    })
    .passes(item('release', 'release', 'Let traffic back in'), 9, 'nothing was held')
    .say({ kind: 'hold-released', how: 'nothing was held' })
    .passes(item('release', 'drop-claim', 'Drop the claim'), 8, 'claim 7 dropped')
    .say({
      kind: 'finished',
      outcome: 'rolled-back',
      sentence: `${because}; everything was undone, the schema is as before`,
      problem: SMOKE_PROBLEM,
      next: SMOKE_PROBLEM.next!,
    });
}

export interface ToldRun {
  readonly events: readonly RunEvent[];
  readonly state: RunState;
}

function told(teller: Teller): ToldRun {
  return { events: teller.events, state: foldEvents(teller.events) };
}

/** Waits for a decision about its backup. */
export function aRunThatAsksForADecision(): ToldRun {
  return told(
    begun().say({ kind: 'decision-asked', item: CHECKS[1], waivable: true, expiresAt: '2026-11-22T18:03:07.945Z' }),
  );
}

/** Waits for the approval of its plan. */
export function aRunThatAsksForApproval(): ToldRun {
  return told(waived(begun()));
}

/** Failed in its last validation and put everything back. */
export function aRolledBackRun(): ToldRun {
  return told(undone(carriedOut(waived(begun()))));
}

/** Everything passed. */
export function aDoneRun(): ToldRun {
  return told(
    carriedOut(waived(begun()))
      .passes(VALIDATION[1], 90, '1 unread message, found by idx_recipients_user')
      .say({ kind: 'fingerprint-after', digest: `ffee${FINGERPRINT.slice(4)}`, objects: 41 })
      .passes(item('release', 'release', 'Let traffic back in'), 9, 'nothing was held')
      .say({ kind: 'hold-released', how: 'nothing was held' })
      .say({
        kind: 'finished',
        outcome: 'done',
        sentence: '2 migrations done, 2 validations passed, traffic let back in',
      }),
  );
}
