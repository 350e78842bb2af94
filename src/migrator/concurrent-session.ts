/**
 * The session's limits while a statement runs outside a transaction. What blocks nobody waits long; what rewrites or rebuilds
 * under locks waits briefly and comes back. The server does not look for its client meanwhile, because a build that outlives
 * its client ends VALID, and one cut off ends as debris.
 */
import { DEFAULT_LIMITS } from '../postgres/limits.ts';
import { assertClaim } from './claim.ts';
import type { PartPolicy } from './lock-policy.ts';
import { withLockRetries } from './lock-retries.ts';
import { watchStatement } from './locks/statement-watch.ts';
import { send, type Work } from './work.ts';

const CHECK_MS = DEFAULT_LIMITS.migrate.connectionCheckMs;
const RESET = 'reset lock_timeout; reset statement_timeout; reset client_connection_check_interval';

export interface LoneSession {
  /** As the subject of a sentence. */
  readonly doing: string;
  /** A function is asked before each try: what a failed one has left may need another. Undefined: nothing is left to do. */
  readonly statement: string | (() => Promise<string | undefined>);
  /** Default: that of what blocks nobody. */
  readonly policy?: PartPolicy;
}

/** Errors: the driver's own, `interrupted`; `lock-timeout` where the policy has it come back and its time is over. */
export async function runConcurrently(work: Work, { doing, statement, policy }: LoneSession): Promise<void> {
  const limits = policy ?? patient(work);
  const attempt = async () => {
    const sql = typeof statement === 'string' ? statement : await statement();
    if (sql !== undefined) await runOnce(work, sql, limits);
  };
  // A lock timeout of what commits by itself may have left something: only what begins anew is tried again.
  if (limits.kind === 'blocking') {
    return withLockRetries(work, { doing, attempt, takeBack: async () => undefined, policy: limits });
  }
  const watch = watchStatement(work, doing);
  const running = attempt();
  const looking = watch.during(running, 'when-long');
  try {
    await running;
  } finally {
    await looking;
    await watch.close();
  }
}

async function runOnce(work: Work, statement: string, { kind, lockTimeoutMs, statementTimeoutMs }: PartPolicy) {
  const { client } = work.session;
  if (work.claimToken !== null) await assertClaim(client, work.claimToken);
  // Said right before the statement, so that nothing that a file has set counts.
  await client.query(
    `select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false),
            set_config('client_connection_check_interval', $3, false)`,
    [
      String(lockTimeoutMs),
      String(kind === 'data' ? statementTimeoutMs : 0),
      String(kind === 'patient' ? 0 : CHECK_MS),
    ],
  );
  try {
    await send(work, statement);
  } finally {
    await client.query(RESET).catch(() => undefined);
  }
}

function patient({ policy }: Work): PartPolicy {
  const lockTimeoutMs = policy.concurrentLockTimeoutMs;
  return { kind: 'patient', lockTimeoutMs, totalMs: lockTimeoutMs, statementTimeoutMs: 0 };
}
