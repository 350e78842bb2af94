/** The switches that say how long a command waits for locks, and whom it may send away; the words for a target's own are in drydock.yaml. */
import type { LockPolicy } from '../migrator/lock-policy.ts';
import type { InDoubt } from '../migrator/work.ts';
import type { BlockerRule } from '../model/blocker-rule.ts';
import { DEFAULT_GRACE_MS } from '../model/blocker-rule.ts';
import { parseDuration } from '../model/duration.ts';
import { ProblemError } from '../model/problem.ts';

export const LOCK_OPTIONS = [
  ['--lock-timeout <duration>', 'one try to get locks; readers behind it wait no longer; default: 500ms'],
  ['--lock-wait <duration>', 'all tries of one step together; default: 2m'],
  ['--statement-timeout <duration>', 'how long a statement that changes rows may run, 0s: no limit; default: 15m'],
  ['--cancel-blockers <who>...', 'sessions in the way to cancel: an application, report-*, or user=<name>'],
  ['--terminate-blockers <who>...', 'the same, and ended where cancelling does not help'],
  ['--blockers-after <duration>', 'how long to wait before either; default: 10s'],
  ['--in-doubt <answer>', 'of a statement that may have been run before: assume-done or run-again'],
] as const;

export interface LockFlags {
  readonly lockTimeout?: string;
  readonly lockWait?: string;
  readonly statementTimeout?: string;
  readonly cancelBlockers?: readonly string[];
  readonly terminateBlockers?: readonly string[];
  readonly blockersAfter?: string;
  readonly inDoubt?: string;
}

/** What to do about a statement of which nothing in the database says whether it is done. Errors: `usage`. */
export function inDoubtFrom({ inDoubt }: LockFlags): { readonly inDoubt?: InDoubt } {
  if (inDoubt === undefined) return {};
  if (inDoubt === 'assume-done' || inDoubt === 'run-again') return { inDoubt };
  throw new ProblemError({
    code: 'usage',
    message: '--in-doubt has to say what to do',
    found: `"${inDoubt}"`,
    expected: 'assume-done, or run-again',
    next: 'look whether the statement is done, then write one of the two',
  });
}

/** What was given, over what the target says. Errors: `usage`. */
export function lockPolicyFrom(flags: LockFlags): Partial<LockPolicy> {
  const { lockTimeout, lockWait, statementTimeout, cancelBlockers = [], terminateBlockers = [] } = flags;
  const rules = rulesFrom(cancelBlockers, terminateBlockers, flags.blockersAfter);
  return {
    ...(lockTimeout === undefined ? {} : { lockTimeoutMs: durationOf('--lock-timeout', lockTimeout) }),
    ...(lockWait === undefined ? {} : { totalMs: durationOf('--lock-wait', lockWait) }),
    ...(statementTimeout === undefined
      ? {}
      : { statementTimeoutMs: durationOf('--statement-timeout', statementTimeout) }),
    ...(rules.length === 0 ? {} : { cancelBlockers: rules }),
  };
}

const AFTER_MS = 10_000;

function rulesFrom(
  cancelled: readonly string[],
  ended: readonly string[],
  after: string | undefined,
): readonly BlockerRule[] {
  const afterMs = after === undefined ? AFTER_MS : durationOf('--blockers-after', after);
  const rule = (who: string, action: BlockerRule['action']): BlockerRule => {
    const user = /^user=(.+)$/.exec(who)?.[1];
    return { ...(user === undefined ? { application: who } : { user }), afterMs, action, graceMs: DEFAULT_GRACE_MS };
  };
  return [...ended.map((who) => rule(who, 'terminate')), ...cancelled.map((who) => rule(who, 'cancel'))];
}

function durationOf(flag: string, text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return durationMs;
  throw new ProblemError({
    code: 'usage',
    message: `${flag} has to be a duration`,
    found: `"${text}"`,
    expected: 'a number with its unit, such as 500ms, 5s, 2m or 1h30m',
    next: `write it again with its unit`,
  });
}
