/**
 * Follows a run: its events as they come, in order and each once, whether or not a worker answers all the time. It ends when
 * the run has ended and every event was given, or when the run is closed and nobody can tell its events.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../model/event.ts';
import type { TemporalLink } from './connect.ts';
import { faultOf } from './faults.ts';
import { ask, type RunRead, readRun, WORKER_TIMEOUT_MS } from './read.ts';
import { describeRun, type PendingActivity, type RunAddress, type RunDescription } from './run-description.ts';

/**
 * What a watcher sees. Notes are about the watching, not about the run: `worker-lost` once per loss, with the activities that
 * Temporal still waits for; `server-lost` likewise; `back` when there are answers again; `events-lost` when the run is closed and
 * its remaining events cannot be told.
 */
export type WatchItem =
  | { readonly kind: 'event'; readonly event: RunEvent }
  | {
      readonly kind: 'note';
      readonly note: 'worker-lost' | 'server-lost' | 'back' | 'events-lost';
      readonly pending: readonly PendingActivity[];
    };

export interface WatchOptions {
  /** How long to wait between two questions. Default 250 ms. */
  readonly everyMs?: number;
  /** How long a worker may take for an answer before it counts as lost. Default 3 s. */
  readonly workerTimeoutMs?: number;
  /** Events up to this number are known already. Default 0. */
  readonly after?: number;
  /** Aborted: the watching ends, the run goes on. */
  readonly signal?: AbortSignal;
}

const EVERY_MS = 250;

// A worker that is only slow should still tell how a run ended.
const TRIES_AFTER_END = 2;

/** @returns the run as it stands when the watching ends. Errors: `run-not-found`; `temporal-unreachable` only at the start. */
export async function* watchRun(
  link: TemporalLink,
  address: RunAddress,
  options: WatchOptions = {},
): AsyncGenerator<WatchItem, RunRead, void> {
  const run = await describeRun(link, address);
  const watch = new Watch(link, run, options);
  while (!options.signal?.aborted) {
    yield* await watch.look();
    if (watch.ended) break;
    await sleep(options.everyMs ?? EVERY_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
  return readRun(link, run, { workerTimeoutMs: options.workerTimeoutMs ?? WORKER_TIMEOUT_MS });
}

class Watch {
  ended = false;
  readonly #link: TemporalLink;
  readonly #run: RunDescription;
  readonly #workerTimeoutMs: number;
  #after: number;
  #lost: 'worker-lost' | 'server-lost' | null = null;
  #finished = false;
  #closed = false;
  #triesAfterEnd = 0;

  constructor(link: TemporalLink, run: RunDescription, options: WatchOptions) {
    this.#link = link;
    this.#run = run;
    this.#workerTimeoutMs = options.workerTimeoutMs ?? WORKER_TIMEOUT_MS;
    this.#after = options.after ?? 0;
  }

  /** One look: the events that are new, with a note before or instead of them. */
  async look(): Promise<WatchItem[]> {
    try {
      const wasClosed = this.#closed;
      const events = await this.#newEvents();
      // Only a look that began after the end has seen everything.
      this.ended = wasClosed;
      if (!wasClosed && (this.#finished || events.length === 0)) this.#closed = await this.#isClosed();
      return [...this.#back(), ...events.map(asItem)];
    } catch (error) {
      return this.#withoutAnswer(error);
    }
  }

  async #newEvents(): Promise<readonly RunEvent[]> {
    const options = { workerTimeoutMs: this.#workerTimeoutMs };
    const events = await ask<RunEvent[]>(this.#link, this.#run, 'events', options, { after: this.#after });
    const fresh = events.filter((event) => event.seq > this.#after);
    this.#after = fresh.at(-1)?.seq ?? this.#after;
    this.#finished ||= fresh.some((event) => event.kind === 'finished');
    return fresh;
  }

  async #isClosed(): Promise<boolean> {
    return (await describeRun(this.#link, this.#run)).closed;
  }

  #back(): WatchItem[] {
    if (this.#lost === null) return [];
    this.#lost = null;
    return [{ kind: 'note', note: 'back', pending: [] }];
  }

  /** No events this time: is the run over, and if not, who is it that does not answer? Said once, until it changes. */
  async #withoutAnswer(error: unknown): Promise<WatchItem[]> {
    if (isLost(error)) return this.#note('server-lost', []);
    try {
      const run = await describeRun(this.#link, this.#run);
      if (!run.closed) return this.#note('worker-lost', run.pending);
      this.#triesAfterEnd += 1;
      if (this.#triesAfterEnd < TRIES_AFTER_END) return [];
      this.ended = true;
      return [{ kind: 'note', note: 'events-lost', pending: [] }];
    } catch (second) {
      if (isLost(second)) return this.#note('server-lost', []);
      throw second;
    }
  }

  #note(note: 'worker-lost' | 'server-lost', pending: readonly PendingActivity[]): WatchItem[] {
    if (this.#lost === note) return [];
    this.#lost = note;
    return [{ kind: 'note', note, pending }];
  }
}

function asItem(event: RunEvent): WatchItem {
  return { kind: 'event', event };
}

function isLost(error: unknown): boolean {
  const { problem } = error as { problem?: { code?: string } };
  return problem?.code === 'temporal-unreachable' || faultOf(error, 'worker') === 'no-server';
}
