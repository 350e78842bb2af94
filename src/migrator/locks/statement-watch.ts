/**
 * Looks at our own backend from a second connection while it works: who is in its way, who waits behind it, how far an index
 * is. The connection is opened only when something takes long, and what it finds never fails the work.
 */

import { NOT_WAITING, type WaitSeen, waitOf } from '../../postgres/blockers.ts';
import { connect, type Session } from '../../postgres/connect.ts';
import { progressOf, progressTeller } from '../build-progress.ts';
import type { Work } from '../work.ts';
import { blockerActs } from './blocker-acts.ts';

export interface StatementWatch {
  /**
   * Looks until `running` settles; gives back the last wait that was seen. `at-once` where the statement is known to have to
   * wait, else only when it takes long. Never rejects.
   */
  during(running: Promise<unknown>, begin: 'at-once' | 'when-long'): Promise<WaitSeen>;
  /** Opens its connection meanwhile, so that the next try is looked at from its beginning. */
  prepare(): void;
  close(): Promise<void>;
}

/** What takes no longer is not looked at. */
const LONG_MS = 2_000;
const LOOK_EVERY_MS = 100;
/** Looking takes the lock manager's locks: who waits for minutes looks less often. */
const LOOK_LATER_EVERY_MS = 500;

/** `doing`: as the subject of a sentence. Opens nothing yet. */
export function watchStatement(work: Work, doing: string): StatementWatch {
  let opened: Promise<Session | undefined> | undefined;
  const open = () => {
    opened ??= connect({ ...work.connection, purpose: 'read' }).catch(() => undefined);
    return opened;
  };
  const looks = lookTeller(work, doing);
  return {
    during: (running, begin) => lookDuring(running, { begin, open, looks }),
    prepare: () => void open(),
    close: async () => (await opened)?.close(),
  };
}

interface Looking {
  readonly begin: 'at-once' | 'when-long';
  readonly open: () => Promise<Session | undefined>;
  readonly looks: (session: Session, elapsedMs: number) => Promise<WaitSeen>;
}

async function lookDuring(running: Promise<unknown>, { begin, open, looks }: Looking): Promise<WaitSeen> {
  const startedAtMs = performance.now();
  const run = follow(running);
  if (begin === 'when-long') await run.settledWithin(LONG_MS);
  const session = run.isOver() ? undefined : await open();
  let seen = NOT_WAITING;
  while (session && !run.isOver()) {
    const elapsedMs = performance.now() - startedAtMs;
    // Whoever looks must never fail the work: a lost watch only costs names.
    const now = await looks(session, elapsedMs).catch(() => NOT_WAITING);
    if (now.blockers.length > 0) seen = now;
    await run.settledWithin(elapsedMs < LONG_MS ? LOOK_EVERY_MS : LOOK_LATER_EVERY_MS);
  }
  return seen;
}

/** One look: tells what is new, acts on who is in the way. Remembers over all tries of one part. */
function lookTeller(work: Work, doing: string): Looking['looks'] {
  const act = blockerActs(work, doing);
  const news = progressTeller();
  let told = '';
  let blockedSinceMs: number | undefined;
  return async ({ client }, elapsedMs) => {
    const isLong = elapsedMs >= LONG_MS;
    const seen = await waitOf(client, work.session.pid);
    const nowMs = work.clock.nowMs();
    if (seen.blockers.length > 0) blockedSinceMs ??= nowMs;
    else if (isLong) blockedSinceMs = undefined;
    const who = seen.blockers.map(({ pid, prepared }) => prepared ?? pid).join();
    if (isLong && who !== '' && who !== told) work.emit({ kind: 'waiting-for-sessions', doing, ...seen });
    if (isLong) told = who;
    if (blockedSinceMs !== undefined) await act({ client, blockers: seen.blockers, waitedMs: nowMs - blockedSinceMs });
    const row = isLong ? await progressOf(client, work.session.pid) : undefined;
    const build = row && news(row, nowMs);
    if (build) work.emit({ kind: 'build-progress', doing, build });
    return seen;
  };
}

function follow(running: Promise<unknown>) {
  let over = false;
  const end = running.then(
    () => undefined,
    () => undefined,
  );
  void end.then(() => {
    over = true;
  });
  return {
    isOver: () => over,
    settledWithin: async (ms: number) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([end, late]);
      clearTimeout(timer);
    },
  };
}
