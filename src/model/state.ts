/** The state of a run: its events folded. What the query `state` answers and every rendering starts from. */
import { assertNever } from './assert-never.ts';
import type { ItemRef, Phase, RunEvent, RunOutcome } from './event.ts';
import type { Evidence, SavedRows } from './outcome.ts';
import type { Operation } from './plan.ts';
import type { Problem } from './problem.ts';

export type ItemStatus = 'pending' | 'running' | 'passed' | 'failed' | 'waived' | 'skipped';

export interface ItemState extends ItemRef {
  readonly status: ItemStatus;
  /** How often it was started. */
  readonly attempts: number;
  readonly summary?: string;
  readonly evidence: readonly Evidence[];
  readonly durationMs?: number;
  readonly problem?: Problem;
  readonly waiver?: { readonly by: string; readonly reason: string };
}

/** What the run waits for a person to say. */
export type Waiting =
  | { readonly kind: 'approval'; readonly digest: string; readonly expiresAt: string }
  | {
      readonly kind: 'decision';
      readonly item: ItemRef;
      readonly waivable: boolean;
      readonly retry?: 'not-possible';
      readonly expiresAt: string;
    }
  | { readonly kind: 'resume'; readonly by: string; readonly reason: string };

/** JSON-safe and versioned: `schema` grows when a field changes its meaning. */
export interface RunState {
  readonly schema: 1;
  readonly runbook: string;
  readonly target: string;
  readonly operation: Operation;
  readonly workflowId: string;
  readonly runId: string;
  readonly requestedBy: string;
  readonly environment: string | null;
  readonly database: string | null;
  readonly planDigest: string | null;
  readonly phase: Phase;
  readonly waiting: Waiting | null;
  readonly paused: { readonly by: string; readonly reason: string } | null;
  readonly items: readonly ItemState[];
  readonly approval: {
    readonly by: string;
    readonly reason: string;
    readonly digest: string;
    readonly at: string;
  } | null;
  readonly held: boolean;
  /** Set while the run waits by itself for something that passes, such as replicas that are behind. */
  readonly standing?: { readonly because: string; readonly since: string };
  /** Set where traffic is still held after the run, for a person: until then. ISO 8601 in UTC. */
  readonly heldUntil?: string;
  readonly refusals: readonly {
    readonly message: string;
    readonly by: string;
    readonly reason: string;
    readonly at: string;
  }[];
  readonly stop: {
    readonly kind: 'rejected' | 'aborted' | 'cancelled';
    readonly by: string;
    readonly reason: string;
  } | null;
  readonly fingerprints: {
    readonly before: string | null;
    readonly after: string | null;
    readonly differences: readonly string[];
  };
  /** Rows that this run dropped, and where they are now. */
  readonly saved: readonly SavedRows[];
  readonly reportFiles: readonly string[];
  readonly outcome: RunOutcome | null;
  /** The sentence that says how it ended. */
  readonly sentence: string | null;
  readonly problem: Problem | null;
  readonly next: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** The number of the last event folded in. */
  readonly seq: number;
}

export const EMPTY_STATE: RunState = {
  schema: 1,
  runbook: '',
  target: '',
  operation: 'run',
  workflowId: '',
  runId: '',
  requestedBy: '',
  environment: null,
  database: null,
  planDigest: null,
  phase: 'load',
  waiting: null,
  paused: null,
  items: [],
  approval: null,
  held: false,
  refusals: [],
  stop: null,
  fingerprints: { before: null, after: null, differences: [] },
  saved: [],
  reportFiles: [],
  outcome: null,
  sentence: null,
  problem: null,
  next: null,
  startedAt: '',
  endedAt: null,
  seq: 0,
};

/** The state after all events, in their order. */
export function foldEvents(events: readonly RunEvent[]): RunState {
  return events.reduce(applyEvent, EMPTY_STATE);
}

/** The state after one more event. Pure; unknown kinds cannot be written, see the last case. */
export function applyEvent(state: RunState, event: RunEvent): RunState {
  const { standing, ...others } = state;
  const before = event.kind === 'moving-on' || event.kind === 'finished' ? others : state;
  return { ...before, ...changeFor(state, event), seq: event.seq };
}

type Change = Partial<RunState>;

// A table in the form of a switch: one short case per kind, nothing shared between them.
function changeFor(state: RunState, event: RunEvent): Change {
  switch (event.kind) {
    case 'run-started': {
      const { runbook, target, operation, workflowId, runId, requestedBy } = event;
      return { runbook, target, operation, workflowId, runId, requestedBy, startedAt: event.at };
    }
    case 'plan-made': {
      const known = new Map(state.items.map((item) => [keyOf(item), item]));
      const items = event.items.map((item) => known.get(keyOf(item)) ?? pendingItem(item));
      return { planDigest: event.digest, environment: event.environment, database: event.database, items };
    }
    case 'claimed':
    case 'moving-on':
    case 'notification-failed':
      return {};
    case 'report-written':
      return { reportFiles: event.files };
    case 'item-started':
      return {
        phase: event.item.phase,
        waiting: null,
        items: changed(state, event.item, (item) => ({
          ...bare(item),
          status: 'running',
          attempts: item.attempts + 1,
        })),
      };
    case 'item-passed': {
      const { summary, evidence, durationMs } = event;
      return {
        items: changed(state, event.item, (item) => ({
          ...bare(item),
          status: 'passed',
          summary,
          evidence,
          durationMs,
        })),
      };
    }
    case 'item-failed': {
      const { problem, evidence } = event;
      return { items: changed(state, event.item, (item) => ({ ...bare(item), status: 'failed', problem, evidence })) };
    }
    case 'item-waived': {
      const waiver = { by: event.by, reason: event.reason };
      return { items: changed(state, event.item, (item) => ({ ...item, status: 'waived', waiver })) };
    }
    case 'item-skipped':
      return { items: changed(state, event.item, (item) => ({ ...item, status: 'skipped', summary: event.reason })) };
    case 'decision-asked': {
      const { item, waivable, retry, expiresAt } = event;
      return { waiting: { kind: 'decision', item, waivable, ...(retry ? { retry } : {}), expiresAt } };
    }
    case 'decided':
      return { waiting: null };
    case 'approval-asked':
      return { phase: 'window', waiting: { kind: 'approval', digest: event.digest, expiresAt: event.expiresAt } };
    case 'approved':
      return { waiting: null, approval: { by: event.by, reason: event.reason, digest: event.digest, at: event.at } };
    case 'approval-void':
      return { approval: null };
    case 'rejected':
      return { waiting: null, stop: { kind: 'rejected', by: event.by, reason: event.reason } };
    case 'expired':
      return { waiting: null };
    case 'message-refused': {
      const { message, by, reason } = event;
      return { refusals: [...state.refusals, { message, by, reason, at: event.at }].slice(-20) };
    }
    case 'paused':
      return { paused: { by: event.by, reason: event.reason } };
    case 'resumed':
      return { paused: null };
    case 'abort-asked':
      return { waiting: null, stop: { kind: 'aborted', by: event.by, reason: event.reason } };
    case 'cancel-asked':
      return { waiting: null, stop: { kind: 'cancelled', by: 'Temporal', reason: 'the workflow was cancelled' } };
    case 'hold-taken':
      return { held: true };
    case 'hold-released':
      return { held: false };
    case 'hold-kept':
      return { heldUntil: event.until };
    case 'standing-still':
      return { standing: { because: event.because, since: event.at } };

    case 'fingerprint-before':
      return { fingerprints: { ...state.fingerprints, before: event.digest } };
    case 'fingerprint-after':
      return { fingerprints: { ...state.fingerprints, after: event.digest } };
    case 'rows-saved':
      return { saved: [...state.saved, event.saved] };
    case 'undo-started':
      return { phase: 'undo', waiting: null, paused: null, items: [...state.items, ...event.steps.map(pendingItem)] };
    case 'verified':
      return { fingerprints: { before: event.before, after: event.after, differences: event.differences } };
    case 'finished': {
      const { outcome, sentence } = event;
      return {
        outcome,
        sentence,
        waiting: null,
        paused: null,
        problem: event.problem ?? null,
        next: event.next ?? null,
        endedAt: event.at,
      };
    }
    default:
      return assertNever(event);
  }
}

function pendingItem(item: ItemRef): ItemState {
  return { phase: item.phase, id: item.id, title: item.title, status: 'pending', attempts: 0, evidence: [] };
}

function bare(item: ItemState): ItemState {
  return { ...pendingItem(item), attempts: item.attempts, ...(item.waiver ? { waiver: item.waiver } : {}) };
}

function keyOf(item: ItemRef): string {
  return `${item.phase}/${item.id}`;
}

/** The items with one replaced; an item that no plan named is added at the end. */
function changed(state: RunState, ref: ItemRef, change: (item: ItemState) => ItemState): readonly ItemState[] {
  const key = keyOf(ref);
  if (!state.items.some((item) => keyOf(item) === key)) return [...state.items, change(pendingItem(ref))];
  return state.items.map((item) => (keyOf(item) === key ? change(item) : item));
}
