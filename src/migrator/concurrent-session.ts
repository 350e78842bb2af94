/**
 * The session's limits while a statement runs outside a transaction: it waits long, because it blocks nobody, and the server
 * does not look for its client, because a build that outlives its client ends VALID, and one cut off ends as debris.
 */
import type { Blocker } from '../postgres/backend.ts';
import { watchBlockers } from '../postgres/blockers.ts';
import { assertClaim } from './claim.ts';
import { send, type Work } from './work.ts';

const RESET = 'reset lock_timeout; reset statement_timeout; reset client_connection_check_interval';
/** Only a statement that takes longer than this is worth a second connection. */
const WATCH_AFTER_MS = 2_000;

/** Errors: the driver's own, `interrupted`. */
export async function runConcurrently(work: Work, doing: string, statement: string): Promise<void> {
  const { client } = work.session;
  if (work.claimToken !== null) await assertClaim(client, work.claimToken);
  await client.query(
    `select set_config('lock_timeout', $1, false), set_config('statement_timeout', '0', false),
            set_config('client_connection_check_interval', '0', false)`,
    [String(work.policy.concurrentLockTimeoutMs)],
  );
  try {
    await namingBlockers(work, doing, send(work, statement));
  } finally {
    await client.query(RESET).catch(() => undefined);
  }
}

async function namingBlockers(work: Work, doing: string, running: Promise<unknown>): Promise<void> {
  let watching: Promise<void> | undefined;
  const timer = setTimeout(() => {
    watching = watch(work, doing, running).catch(() => undefined);
  }, WATCH_AFTER_MS);
  try {
    await running;
  } finally {
    clearTimeout(timer);
    await watching;
  }
}

async function watch(work: Work, doing: string, running: Promise<unknown>): Promise<void> {
  const blockerWatch = await watchBlockers(work.connection, work.session.pid);
  let told = '';
  const tell = (blockers: readonly Blocker[]) => {
    const who = blockers.map((one) => one.pid).join();
    if (who !== told) work.emit({ kind: 'waiting-for-sessions', doing, blockers });
    told = who;
  };
  await blockerWatch.during(running, tell).finally(() => blockerWatch.close());
}
