/** The port that every kind of consumer fits into: how it is asked, stopped and started. What is done with it is decided elsewhere. */
import type { Problem } from '../../model/problem.ts';
import type { LetGoContext } from '../held-thing.ts';

/** What a consumer says of itself. `neither`: it is on its way, or in a state of its own. */
export interface Look {
  readonly kind: 'stopped' | 'running' | 'neither';
  /** In its own words, for a person: short, without secrets. */
  readonly said: string;
  /** What would keep it from being paused and resumed, where its kind can tell without trying. */
  readonly hindrance?: Problem;
}

/** All three may be asked again and again; `look` changes nothing. Errors: Problems; of class `retry` where the same call may work in a moment. */
export interface ConsumerControl {
  look(): Promise<Look>;
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** What reaching a consumer needs. */
export type ConsumerAccess = Pick<LetGoContext, 'url' | 'secret' | 'signal'>;
