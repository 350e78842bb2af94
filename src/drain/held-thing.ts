/**
 * One thing that a run keeps away or has paused, and what it was before: noted in the target database before it is touched, so
 * that whoever lets go, the run, its guard, a command or a worker that starts, can put back exactly what was.
 */

import type { SecretRef } from '../model/secret-ref.ts';
import type { TargetView } from '../model/target.ts';
import type { Clock } from '../postgres/clock.ts';

export interface HeldThing {
  readonly kind: 'pooler' | 'read-only' | 'consumer';
  /** Unique in its kind: the pooler's or consumer's name, the role, `database`. */
  readonly name: string;
  /** What it was before, in the kind's own shape; JSON-safe, without secrets. */
  readonly former: unknown;
}

/** The notes of one hold. A note that is there is never overwritten: a retry would note what it has changed itself. */
export interface HoldNotes {
  /** Written and committed before the thing is touched. Gives the note that holds: this one, or the earlier one. Error: `hold-lost`. */
  note(thing: HeldThing): Promise<HeldThing>;
  /** In the order in which they were noted. */
  noted(): Promise<readonly HeldThing[]>;
  /** When it is as it was. Harmless where it is not there. */
  forget(thing: Pick<HeldThing, 'kind' | 'name'>): Promise<void>;
}

/** What letting go of a thing needs; less than a run has, because a guard or a command does it too. */
export interface LetGoContext {
  readonly target: TargetView;
  /** The target's own URL: a secret. */
  readonly url: string;
  readonly secret: (ref: SecretRef) => Promise<string>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}
