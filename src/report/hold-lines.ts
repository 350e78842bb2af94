/** How a target's traffic and consumers are kept away, and who is told: lines of a plan, for whoever approves it. */
import { assertNever } from '../model/assert-never.ts';
import { type Drain, leaseMsOf } from '../model/drain.ts';
import { formatDuration } from '../model/duration.ts';
import { needsLease, type TargetView } from '../model/target.ts';

/** One line each, in the order in which it happens. A target where nothing of it is set up has one: who drains. */
export function holdLines({
  drain,
  consumers = [],
  replicas,
  afterRelease,
  notify = [],
}: TargetView): readonly string[] {
  return [
    ...(consumers.length > 0 ? [`paused: ${consumers.map(({ name, kind }) => `${name} (${kind})`).join(', ')}`] : []),
    drainWords(drain),
    ...(needsLease({ drain, consumers }) ? [leaseWords(drain)] : []),
    ...(replicas.watch
      ? [`between steps, waits while a replica is more than ${formatDuration(replicas.watch.holdAboveMs)} behind`]
      : []),
    ...(afterRelease ? [`watched for ${formatDuration(afterRelease.forMs)} once traffic is back`] : []),
    ...(notify.length > 0 ? [`told: ${notify.map(({ name }) => name).join(', ')}`] : []),
  ];
}

function drainWords(drain: Drain): string {
  switch (drain.kind) {
    case 'observe':
      return 'someone else drains; this run proves that it is quiet';
    case 'pgbouncer':
      return `held at PgBouncer: ${drain.poolers.map(({ name, database }) => `${name} (${database})`).join(', ')}; clients wait`;
    case 'read-only':
      return `${drain.roles.length > 0 ? drain.roles.join(', ') : 'everybody'} read-only; writes are refused, idle sessions ended`;
    default:
      return assertNever(drain);
  }
}

/** Consumers have a lease also where someone else drains. */
function leaseWords(drain: Drain): string {
  return `let go by itself ${formatDuration(leaseMsOf(drain))} after this run is last heard of`;
}
