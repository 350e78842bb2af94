/**
 * The drain at the poolers: clients wait there while the run works, and see a slow query instead of an error. All poolers are
 * paused or none is. A pooler that is found unpaused later is not paused again: others have worked meanwhile, and the run has to know.
 */
import { fact } from '../../checks/outcome.ts';
import type { Pooler } from '../../model/drain.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Evidence } from '../../model/outcome.ts';
import type { Problem } from '../../model/problem.ts';
import type { HeldThing } from '../held-thing.ts';
import type { HeldOutcome, Hold, HoldContext, HoldOutcome, ReleaseOutcome } from '../hold.ts';
import { withConsole } from './console.ts';
import { type HeldPooler, holdPooler, type Preparation, preparePooler } from './hold-pooler.ts';
import { letGoOfPooler } from './let-go.ts';
import { readHeld } from './pooler-facts.ts';
import { addressOf, poolersOf } from './pooler-of.ts';
import { notPaused, serversLeft } from './pooler-problems.ts';
import { liftedLimits } from './waiting-limits.ts';

export const pgbouncer: Hold = { hold, held, release };

async function hold(context: HoldContext): Promise<HoldOutcome> {
  const noted = await context.notes.noted();
  const prepared = await Promise.all(poolersOf(context.target).map((one) => preparePooler(context, one, noted)));
  const refused = prepared.flatMap(({ problem }) => problem ?? []);
  if (refused.length > 0) return { kind: 'refused', problem: together(refused), evidence: [] };
  const held = await Promise.allSettled(prepared.map((one) => holdPooler(context, one)));
  const outcomes = held.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
  if (outcomes.every((one): one is HeldPooler => one?.kind === 'paused')) return wasHeld(context, prepared, outcomes);
  await letGoOfAllPoolers(context).catch(() => undefined);
  for (const one of held) if (one.status === 'rejected') throw one.reason;
  const problems = outcomes.flatMap((one) => (one?.kind === 'timeout' ? [one.problem] : []));
  return { kind: 'refused', problem: together(problems), evidence: [] };
}

function wasHeld(context: HoldContext, prepared: readonly Preparation[], paused: readonly HeldPooler[]): HoldOutcome {
  const names = prepared.map(({ pooler }) => pooler.name).join(', ');
  return {
    kind: 'held',
    how: `clients wait at ${names}: paused, and no connection to the database is left there`,
    lease: { token: context.owner.token, expiresAt: null },
    evidence: prepared.flatMap((one, index) => evidenceOf(one, paused[index]!)),
  };
}

function evidenceOf({ pooler, version, settings }: Preparation, held: HeldPooler): readonly Evidence[] {
  const lifted = liftedLimits(settings).map(([setting, former]) => `${setting} ${former}`);
  const tookMs = held.kind === 'paused' ? held.tookMs : 0;
  return [
    fact(`paused at ${pooler.name}`, `${pooler.database}, PgBouncer ${version}, in ${formatDuration(tookMs)}`),
    ...(lifted.length > 0 ? [fact(`lifted at ${pooler.name}`, `${lifted.join(', ')}: 0 while held`)] : []),
  ];
}

async function held(context: HoldContext): Promise<HeldOutcome> {
  const looks = await Promise.all(poolersOf(context.target).map((pooler) => lookAt(context, pooler)));
  const evidence = looks.map(({ evidence: one }) => one);
  const [problem] = looks.flatMap((one) => one.problem ?? []);
  if (problem) return { kind: 'broken', problem, evidence };
  return { kind: 'held', how: 'every pooler is paused, and none has a connection to the database', evidence };
}

async function lookAt(context: HoldContext, pooler: Pooler): Promise<{ problem?: Problem; evidence: Evidence }> {
  const { isPaused, servers } = await withConsole(await addressOf(pooler, context), (admin) =>
    readHeld(admin, pooler.database),
  );
  const evidence = fact(
    pooler.name,
    `${isPaused ? 'paused' : 'not paused'}, ${servers.length} server connections`,
    'paused, 0 server connections',
  );
  if (!isPaused) return { problem: notPaused(pooler), evidence };
  return servers.length > 0 ? { problem: serversLeft(pooler, servers), evidence } : { evidence };
}

async function release(context: HoldContext): Promise<ReleaseOutcome> {
  const lines = await letGoOfAllPoolers(context);
  if (lines.length === 0) return { kind: 'nothing-was-held', how: 'no pooler was held by this run', evidence: [] };
  return {
    kind: 'released',
    how: `clients go through again: ${lines.join('; ')}`,
    evidence: lines.map((line, index) => fact(`pooler ${index + 1}`, line)),
  };
}

/** Goes on after a failure; the first one is thrown at the end. */
async function letGoOfAllPoolers(context: HoldContext): Promise<readonly string[]> {
  const noted = (await context.notes.noted()).filter(({ kind }) => kind === 'pooler');
  const ends = await Promise.allSettled([...noted].reverse().map((thing) => letGoOfOne(context, thing)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
}

async function letGoOfOne(context: HoldContext, thing: HeldThing): Promise<string> {
  const line = await letGoOfPooler(thing, context);
  await context.notes.forget(thing);
  return line;
}

/** One as it is; several together, so that they can be mended together. */
function together(problems: readonly Problem[]): Problem {
  const [first, ...others] = problems;
  if (others.length === 0) return first!;
  return {
    code: first!.code,
    message: `${problems.length} poolers cannot be held`,
    found: problems
      .map(({ code, message, found }) => [`${code}: ${message}`, found].filter(Boolean).join('\n'))
      .join('\n'),
    ...(first!.expected ? { expected: first!.expected } : {}),
    ...(first!.next ? { next: first!.next } : {}),
    retry: 'stop',
  };
}
