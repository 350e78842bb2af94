/**
 * Carries out the allow list on the sessions in a statement's way, and tells each act. It acts only on what the watch sees
 * blocking at that moment; whether it is due is decided in src/model/blocker-rule.ts.
 */
import type pg from 'pg';
import type { Blocker } from '../../model/backend.ts';
import { dueAct, ruleFor } from '../../model/blocker-rule.ts';
import { signalBlocker } from '../../postgres/signal-blocker.ts';
import type { Work } from '../work.ts';

export interface Blocked {
  /** A second connection. */
  readonly client: pg.Client;
  readonly blockers: readonly Blocker[];
  /** How long the work has been blocked. */
  readonly waitedMs: number;
}

/** What was done to a session so far. */
interface Done {
  readonly cancelledAtMs?: number;
  readonly told?: 'spared';
}

/** Remembers over all tries of one part. Never rejects: a blocker that cannot be ended is waited for. */
export function blockerActs(work: Work, doing: string): (blocked: Blocked) => Promise<void> {
  const done = new Map<string, Done>();
  return async (blocked) => {
    for (const blocker of blocked.blockers) {
      await actOn(work, { doing, done, blocker, ...blocked }).catch(() => undefined);
    }
  };
}

interface Act extends Blocked {
  readonly doing: string;
  readonly done: Map<string, Done>;
  readonly blocker: Blocker;
}

async function actOn(work: Work, { client, doing, done, blocker, waitedMs }: Act): Promise<void> {
  const rule = blocker.prepared === null ? ruleFor(blocker, work.policy.cancelBlockers) : undefined;
  if (!rule) return;
  const key = `${blocker.pid} ${blocker.application} ${blocker.user}`;
  const before = done.get(key) ?? {};
  const nowMs = work.clock.nowMs();
  const cancelledMsAgo = before.cancelledAtMs === undefined ? null : nowMs - before.cancelledAtMs;
  const act = dueAct(rule, { blocker, waitedMs, cancelledMsAgo });
  if (act === 'nothing' || before.told === 'spared') return;
  const result = await signalBlocker(client, { blocker, of: work.session.pid, act, afterMs: rule.afterMs });
  switch (result) {
    case 'done':
      done.set(key, { cancelledAtMs: nowMs });
      work.emit({ kind: act === 'cancel' ? 'blocker-cancelled' : 'blocker-terminated', doing, blocker, waitedMs });
      return;
    case 'protected':
    case 'no-right':
      done.set(key, { ...before, told: 'spared' });
      work.emit({ kind: 'blocker-spared', doing, blocker, why: result });
      return;
    case 'gone':
      return;
  }
}
