/** What pausing and resuming a consumer needs, with notes that stay in memory and waits that take no time. */
import type { HeldThing, HoldNotes, LetGoContext } from '../../../src/drain/held-thing.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import { ProblemError } from '../../../src/model/problem.ts';
import type { SecretRef } from '../../../src/model/secret-ref.ts';
import type { TargetView } from '../../../src/model/target.ts';
import type { Clock } from '../../../src/postgres/clock.ts';

export interface RememberedNotes extends HoldNotes {
  readonly things: HeldThing[];
}

/** Our own port, kept by the test: the real one writes into the target database. */
export function notesInMemory(things: HeldThing[] = []): RememberedNotes {
  const at = (thing: Pick<HeldThing, 'kind' | 'name'>): number =>
    things.findIndex(({ kind, name }) => kind === thing.kind && name === thing.name);
  return {
    things,
    note: async (thing) => {
      if (at(thing) < 0) things.push(thing);
      return things[at(thing)]!;
    },
    noted: async () => things,
    forget: async (thing) => {
      if (at(thing) >= 0) things.splice(at(thing), 1);
    },
  };
}

/** Each wait is over at once, and the clock says that it took as long as asked. */
export function quickClock(): Clock & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    nowMs: () => now,
    pause: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(Math.round(ms));
      now += ms;
    },
  };
}

export type ConsumerWorld = LetGoContext & { readonly notes: RememberedNotes; readonly lines: string[] };

export function consumerWorld(
  consumers: readonly Consumer[],
  {
    url = 'postgres://nowhere',
    secrets = {},
    clock,
    signal,
  }: { url?: string; secrets?: Readonly<Record<string, string>>; clock?: Clock; signal?: AbortSignal } = {},
): ConsumerWorld {
  const lines: string[] = [];
  const target: TargetView = {
    name: 'harbour',
    environment: 'test',
    urlSource: 'environment variable HARBOUR_URL',
    replicas: { expected: 0 },
    backups: { archives: [] },
    consumers,
    seeds: false,
    window: {},
    drain: { kind: 'observe' },
    onUndoFailed: 'hold',
    holdAtMostMs: 60_000,
    saveDirectory: '.drydock/saved',
  };
  return {
    target,
    url,
    secret: async (ref: SecretRef) => {
      const value = 'env' in ref ? secrets[ref.env] : undefined;
      if (value === undefined)
        throw new ProblemError({ code: 'secret-missing', message: 'a secret is not known here' });
      return value;
    },
    notes: notesInMemory(),
    lines,
    onProgress: (line) => lines.push(line),
    ...(clock ? { clock } : {}),
    ...(signal ? { signal } : {}),
  };
}
