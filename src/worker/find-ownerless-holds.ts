/**
 * What a worker does beside its work, when it starts and from then on: looks on each target that it can reach for traffic that is still
 * held by a run that is over, and lets it go. It never keeps the worker from starting, nor ends it.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { HolderState } from '../client/holder-state.ts';
import type { LetGoContext } from '../drain/held-thing.ts';
import { withHoldSession } from '../drain/lease/hold-session.ts';
import { type LeaseRow, readLease } from '../drain/lease/lease.ts';
import { letGoOfAll } from '../drain/let-go-of-all.ts';
import { isProblemError } from '../model/problem.ts';
import { systemClock } from '../postgres/clock.ts';
import { resolveSecret } from '../runbook/secret.ts';
import { resolveUrl, type SecretSources } from '../runbook/target-url.ts';
import { loadTargets, type Target } from '../runbook/targets.ts';
import type { WorkerLog } from './create-worker.ts';

export interface HoldSearch {
  /** The checkout with drydock.yaml. */
  readonly root: string;
  readonly lookup: (name: string) => string | undefined;
  readonly holderState: (run: Pick<LeaseRow, 'workflowId' | 'runId'>) => Promise<HolderState>;
  readonly log: WorkerLog;
  /** Ends it between two targets. */
  readonly stop: AbortSignal;
}

/** A guard may be lost with its machine, and a hold that is kept for a person outlives the start of every worker. */
const SEARCH_EVERY_MS = 60_000;

/** At once, and then again and again until it is stopped. What is found twice in a row is said once. Never throws. */
export async function watchForOwnerlessHolds(search: HoldSearch, everyMs = SEARCH_EVERY_MS): Promise<void> {
  let before = new Set<string>();
  while (!search.stop.aborted) {
    const said = new Set<string>();
    const log: WorkerLog = (level, text) => {
      said.add(text);
      if (!before.has(text)) search.log(level, text);
    };
    await findOwnerlessHolds({ ...search, log });
    before = said;
    await systemClock.pause(everyMs, search.stop).catch(() => undefined);
  }
}

/** Once. Never throws. Targets whose URL is not known here are another worker's. */
export async function findOwnerlessHolds(search: HoldSearch): Promise<void> {
  const { root, lookup, log, stop } = search;
  const sources: SecretSources = { lookup, readFile: (path) => readFile(resolve(root, path), 'utf8') };
  const targets = await loadTargets(root).catch(() => []);
  for (const target of targets) {
    const url = await resolveUrl(target, sources).catch(() => undefined);
    if (url === undefined || stop.aborted) continue;
    await seeTo(search, contextOf(target, url, sources, search)).catch((error: unknown) =>
      log('warn', `the holds of ${target.view.name} could not be looked at: ${wordsOf(error)}`),
    );
  }
}

function contextOf({ view }: Target, url: string, sources: SecretSources, { log, stop }: HoldSearch): LetGoContext {
  return {
    target: view,
    url,
    secret: (ref) => resolveSecret(ref, view.name, sources),
    signal: stop,
    onProgress: (line) => log('info', `${view.name}: ${line}`),
  };
}

function seeTo(search: HoldSearch, context: LetGoContext): Promise<void> {
  return withHoldSession({ url: context.url, signal: search.stop }, async (client) => {
    const hold = await readLease(client);
    // Several targets may lead to the same database: the one that holds knows its poolers.
    if (!hold || hold.state === 'ended' || hold.target !== context.target.name) return;
    if (!(await isOwnerless(search, hold))) return;
    search.log(
      'warn',
      `${hold.workflowId} (run ${hold.runId}) still holds ${hold.target}, and nobody renews it: letting go`,
    );
    const report = await letGoOfAll(context, client, { owner: hold, by: 'worker', when: 'lease-ran-out' });
    const left = report.failed.map(({ thing }) => thing).join(', ');
    search.log(left ? 'error' : 'info', left ? `still held on ${hold.target}: ${left}` : `${hold.target} is free`);
  });
}

/** One whose lease runs is renewed by somebody, or waits for its guard or a person. */
async function isOwnerless({ holderState }: HoldSearch, hold: LeaseRow): Promise<boolean> {
  if (hold.state === 'letting-go') return true;
  // Nobody renews what waits for a person, whatever its run does.
  if (hold.remainingMs <= 0 && hold.keptForPerson) return true;
  return hold.remainingMs <= 0 && (await holderState(hold)) !== 'running';
}

function wordsOf(error: unknown): string {
  return isProblemError(error) ? `${error.problem.code}: ${error.problem.message}` : String(error);
}
