/**
 * Could prepared statements fail because a migration changed what they return? The server tells that in its log only. A session
 * that began after the last migration cannot have such a statement, so where none is older, it cannot happen.
 */
import { describeBackend } from '../../model/backend.ts';
import type { Evidence } from '../../model/outcome.ts';
import { count, fact } from '../outcome.ts';
import type { LogCounts, ServerLog } from './server-log.ts';
import type { OlderSessions } from './sessions-after.ts';

export interface CachedPlans {
  readonly log: ServerLog;
  readonly counts: LogCounts;
  /** When traffic came back, and at the end of the watch. */
  readonly olderAtStart: OlderSessions;
  readonly olderAtEnd: OlderSessions;
}

export const CACHED_PLAN_LIMIT = 'none';

export function cachedPlanEvidence(seen: CachedPlans): readonly Evidence[] {
  const { olderAtStart, olderAtEnd } = seen;
  const older = `${olderWords(olderAtStart)} when traffic came back, ${olderWords(olderAtEnd)} at the end`;
  const named = olderAtEnd.sessions.slice(0, NAMED).map(describeBackend).join('\n');
  return [
    fact('"cached plan" failures', failuresWords(seen), CACHED_PLAN_LIMIT),
    fact('sessions older than the last migration', older),
    ...(named === '' ? [] : [fact('of these, they are there still', named)]),
    ...logEvidence(seen),
  ];
}

const NAMED = 10;

function failuresWords({ log, counts, olderAtStart }: CachedPlans): string {
  if (log.kind === 'readable') return `${counts.cachedPlans} in the server's log, of all its databases`;
  if (olderAtStart.sessions.length + olderAtStart.hidden === 0)
    return 'cannot happen: every session began after the last migration';
  return `cannot be seen: ${log.why}`;
}

function olderWords({ sessions, hidden }: OlderSessions): string {
  return hidden === 0 ? `${sessions.length}` : `${sessions.length} and ${hidden} whose age is not visible`;
}

function logEvidence({ log, counts }: CachedPlans): readonly Evidence[] {
  if (log.kind === 'unreadable') return [fact("errors in the server's log", `not read: ${log.why}`)];
  const skipped = counts.skippedBytes === 0 ? '' : `; ${count(counts.skippedBytes, 'byte')} were not read`;
  return [fact("errors in the server's log", `${counts.errors}, of all its databases${skipped}`)];
}
