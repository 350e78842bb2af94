/** What a consumer was before a run touched it, as it stands in the notes of a hold: enough to put exactly that back. */
import type { HeldThing } from '../held-thing.ts';
import type { Look } from './control.ts';

/** `unclear`: it was not stopped, and did not say that it runs either. */
export type FormerState = 'running' | 'stopped' | 'unclear';

export interface Former {
  readonly state: FormerState;
  /** In its own words. */
  readonly said: string;
}

export function noteOf(name: string, look: Look): HeldThing {
  const former: Former = { state: look.kind === 'neither' ? 'unclear' : look.kind, said: look.said };
  return { kind: 'consumer', name, former };
}

/** A note that cannot be read is taken for `running`: only what was certainly stopped is left so. */
export function formerOf({ former }: HeldThing): Former {
  const { state, said } = (former ?? {}) as Partial<Record<keyof Former, unknown>>;
  const known = state === 'stopped' || state === 'unclear' ? state : 'running';
  return { state: known, said: typeof said === 'string' ? said : '' };
}
