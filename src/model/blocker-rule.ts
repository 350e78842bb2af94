/**
 * Which sessions may be cancelled or ended when they stand in a migration's way, and what of it a session has earned by now.
 * An allow list: what no rule names is left alone, whatever it holds.
 */
import type { Blocker } from './backend.ts';

/** One entry of the allow list. At least one of `application` and `user` is given; both have to fit where both are. */
export interface BlockerRule {
  /** `application_name`, exactly or with `*` at its end: `report-*`. */
  readonly application?: string;
  /** The role, in the same form. */
  readonly user?: string;
  /** Nothing is done before we have waited this long, nor while the session's own transaction is younger. */
  readonly afterMs: number;
  /** `terminate`: cancelled first, then ended after `graceMs`. A session that is idle in its transaction is ended at once. */
  readonly action: 'cancel' | 'terminate';
  readonly graceMs: number;
}

/** From the cancellation to the end of the session. */
export const DEFAULT_GRACE_MS = 5_000;

/** The first rule that names this session; undefined: it is left alone. */
export function ruleFor(blocker: Blocker, rules: readonly BlockerRule[]): BlockerRule | undefined {
  return rules.find(
    ({ application, user }) =>
      (application !== undefined || user !== undefined) &&
      (application === undefined || fits(application, blocker.application)) &&
      (user === undefined || fits(user, blocker.user ?? '')),
  );
}

export interface InTheWay {
  readonly blocker: Blocker;
  /** How long the work has waited for its locks so far. */
  readonly waitedMs: number;
  /** How long ago this session was cancelled by us; null where it was not. */
  readonly cancelledMsAgo: number | null;
}

/** What may be done about it now. */
export type DueAct = 'nothing' | 'cancel' | 'terminate';

export function dueAct(rule: BlockerRule, { blocker, waitedMs, cancelledMsAgo }: InTheWay): DueAct {
  const ageMs = (blocker.ageSeconds ?? 0) * 1000;
  if (Math.min(waitedMs, ageMs) < rule.afterMs) return 'nothing';
  // Nothing of it runs, so there is nothing to cancel.
  const idle = blocker.state?.startsWith('idle') ?? false;
  if (rule.action === 'cancel') return cancelledMsAgo === null && !idle ? 'cancel' : 'nothing';
  if (idle) return 'terminate';
  if (cancelledMsAgo === null) return 'cancel';
  return cancelledMsAgo >= rule.graceMs ? 'terminate' : 'nothing';
}

/** Neither nothing nor a lone `*` names anybody: that would be everybody. */
function fits(pattern: string, name: string): boolean {
  if (pattern === '' || pattern === '*') return false;
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
