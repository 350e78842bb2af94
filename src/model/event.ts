/**
 * Everything that can happen in a run, as a closed set of events. State, terminal lines, Markdown and the report are
 * foldings of them; nothing else is told about a run.
 */
import type { Turn } from './notification.ts';
import type { Evidence, SavedRows } from './outcome.ts';
import type { Operation } from './plan.ts';
import type { Problem } from './problem.ts';

/** The part of a run that an item belongs to. */
export type Phase = 'load' | 'checklist' | 'window' | 'execution' | 'validation' | 'undo' | 'release';

/** One line of a run's list of things to do. `id` is unique within its phase. */
export interface ItemRef {
  readonly phase: Phase;
  readonly id: string;
  readonly title: string;
}

/** How a run ended. Only `done` and `up-to-date` mean that the database is as the runbook wants it. */
export type RunOutcome =
  | 'done'
  | 'up-to-date'
  /** Ended before anything was changed. */
  | 'rejected'
  | 'expired'
  | 'failed'
  | 'aborted'
  | 'cancelled'
  /** A step failed, an abort or a cancellation came: all was undone, and the fingerprints are equal. */
  | 'rolled-back'
  /** An undo failed, or the fingerprints differ: a person is needed. */
  | 'undo-failed';

export type RunEventBody =
  | {
      readonly kind: 'run-started';
      readonly operation: Operation;
      readonly runbook: string;
      readonly target: string;
      readonly workflowId: string;
      readonly runId: string;
      readonly requestedBy: string;
    }
  | {
      readonly kind: 'plan-made';
      readonly digest: string;
      readonly environment: string;
      readonly database: string;
      readonly migrations: number;
      readonly drainMs: number;
      readonly items: readonly ItemRef[];
    }
  | { readonly kind: 'claimed'; readonly token: string }
  | { readonly kind: 'item-started'; readonly item: ItemRef }
  | {
      readonly kind: 'item-passed';
      readonly item: ItemRef;
      readonly summary: string;
      readonly evidence: readonly Evidence[];
      readonly durationMs: number;
    }
  | {
      readonly kind: 'item-failed';
      readonly item: ItemRef;
      readonly problem: Problem;
      readonly evidence: readonly Evidence[];
    }
  | { readonly kind: 'item-waived'; readonly item: ItemRef; readonly by: string; readonly reason: string }
  | { readonly kind: 'item-skipped'; readonly item: ItemRef; readonly reason: string }
  /** `retry: 'not-possible'`: the item is done, and the question is whether the run goes on from there. */
  | {
      readonly kind: 'decision-asked';
      readonly item: ItemRef;
      readonly waivable: boolean;
      readonly retry?: 'not-possible';
      readonly expiresAt: string;
    }
  | {
      readonly kind: 'decided';
      readonly item: ItemRef;
      readonly action: 'retry' | 'waive';
      readonly by: string;
      readonly reason: string;
    }
  | { readonly kind: 'approval-asked'; readonly digest: string; readonly expiresAt: string }
  | { readonly kind: 'approved'; readonly by: string; readonly reason: string; readonly digest: string }
  /** What was approved is no longer what would be done; the approval is void and asked for again. */
  | { readonly kind: 'approval-void'; readonly because: string }
  | { readonly kind: 'rejected'; readonly by: string; readonly reason: string }
  | { readonly kind: 'expired'; readonly waitedFor: 'approval' | 'decision' | 'resume'; readonly waitedMs: number }
  /** A message that was not acted on, and why. */
  | { readonly kind: 'message-refused'; readonly message: string; readonly by: string; readonly reason: string }
  | { readonly kind: 'paused'; readonly by: string; readonly reason: string }
  | { readonly kind: 'resumed'; readonly by: string; readonly reason: string }
  | { readonly kind: 'abort-asked'; readonly by: string; readonly reason: string }
  | { readonly kind: 'cancel-asked' }
  | { readonly kind: 'hold-taken'; readonly how: string }
  | { readonly kind: 'hold-released'; readonly how: string }
  /** After a failed undo: what is held stays so until `until`, ISO 8601 in UTC, for a person to look. */
  | { readonly kind: 'hold-kept'; readonly how: string; readonly until: string }
  /** The run waits, by itself, before its next step for something that passes; `during: 'undo'`: in one, for something to be mended. */
  | {
      readonly kind: 'standing-still';
      readonly because: string;
      readonly evidence: readonly Evidence[];
      readonly during?: 'undo';
    }
  | { readonly kind: 'moving-on'; readonly waitedMs: number }
  /** Somebody could not be told about a turn of the run; the run goes on. */
  | {
      readonly kind: 'notification-failed';
      readonly notifier: string;
      readonly turn: Turn;
      readonly problem: Problem;
    }
  /** The schema as it was before the first change; `objects` is how many catalog objects the digest covers. */
  | { readonly kind: 'fingerprint-before'; readonly digest: string; readonly objects: number }
  | { readonly kind: 'fingerprint-after'; readonly digest: string; readonly objects: number }
  /** A step dropped rows; they are in files, not in the tables, and no undo puts them back. */
  | { readonly kind: 'rows-saved'; readonly saved: SavedRows }
  | { readonly kind: 'undo-started'; readonly steps: readonly ItemRef[]; readonly because: string }
  /** After an undo: `after` against `before`. `differences` are readable lines, none where they are equal. */
  | {
      readonly kind: 'verified';
      readonly before: string;
      readonly after: string;
      readonly differences: readonly string[];
    }
  | { readonly kind: 'report-written'; readonly files: readonly string[] }
  | {
      readonly kind: 'finished';
      readonly outcome: RunOutcome;
      readonly sentence: string;
      readonly problem?: Problem;
      readonly next?: string;
    };

/** An event with its place and time: `seq` counts from 1 without holes, `at` is ISO 8601 in UTC. */
export type RunEvent = { readonly seq: number; readonly at: string } & RunEventBody;
