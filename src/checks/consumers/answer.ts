/** How a check asks consumers: what it gives, and what it gets for each. Who asks them, and how each kind is reached, is not known here. */
import type { Consumer } from '../../model/consumer.ts';
import type { Problem } from '../../model/problem.ts';
import type { SecretRef } from '../../model/secret-ref.ts';
import type { Clock } from '../../postgres/clock.ts';

export type ConsumerAnswer =
  | {
      readonly name: string;
      /** `neither`: it is on its way, or in a state of its own. */
      readonly kind: 'stopped' | 'running' | 'neither';
      /** In its own words: short, without secrets. */
      readonly said: string;
      /** What would keep it from being paused and resumed, where that can be told without trying. */
      readonly hindrance?: Problem;
    }
  | { readonly name: string; readonly kind: 'no-answer'; readonly problem: Problem };

export interface ConsumersAsked {
  /** The target's own URL: a secret. */
  readonly url: string;
  readonly secret: (ref: SecretRef) => Promise<string>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** One look at each, side by side, that changes nothing; in the order of the consumers. Error: `interrupted`. */
export type AskConsumers = (
  consumers: readonly Consumer[],
  asked: ConsumersAsked,
) => Promise<readonly ConsumerAnswer[]>;
