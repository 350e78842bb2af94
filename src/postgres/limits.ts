/**
 * The limits a session runs under, and how they are written as start-up options: a script's RESET goes back to these and
 * cannot remove them. It knows nothing of what the session is going to do beyond its purpose.
 */

/** What a session is for. `read` is read-only by the database's own enforcement. */
export type SessionPurpose = 'migrate' | 'read' | 'check';

/**
 * What holds where the database or the role is set to be read-only. `always`: the session may write in spite of it, because it
 * may be a drain of ours that set it. `as-configured`: it is as everybody else's.
 */
export type Writing = 'always' | 'as-configured';

/** Milliseconds; 0 switches a limit off. */
export interface SessionLimits {
  /** How long one statement waits for a lock. */
  readonly lockTimeoutMs: number;
  /** How long one statement may run. */
  readonly statementTimeoutMs: number;
  /** How long a transaction may sit idle before the server ends the session: a frozen process must not hold locks. */
  readonly idleInTransactionTimeoutMs: number;
  /** How often the server looks whether its client is still there while a statement runs. */
  readonly connectionCheckMs: number;
}

/** The limits of each purpose where the caller asks for no others. */
export const DEFAULT_LIMITS: Readonly<Record<SessionPurpose, SessionLimits>> = {
  migrate: {
    lockTimeoutMs: 1_000,
    statementTimeoutMs: 0,
    idleInTransactionTimeoutMs: 60_000,
    connectionCheckMs: 1_000,
  },
  read: {
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 60_000,
    connectionCheckMs: 1_000,
  },
  check: {
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 60_000,
    connectionCheckMs: 1_000,
  },
};

/** The value of the start-up parameter `options`. What the URL already asks for comes first, so that ours win. */
export function startupOptions(
  purpose: SessionPurpose,
  limits: Partial<SessionLimits>,
  fromUrl: string,
  writing: Writing = 'always',
): string {
  const all = { ...DEFAULT_LIMITS[purpose], ...limits };
  const settings: Record<string, string | number> = {
    lock_timeout: all.lockTimeoutMs,
    statement_timeout: all.statementTimeoutMs,
    idle_in_transaction_session_timeout: all.idleInTransactionTimeoutMs,
    client_connection_check_interval: all.connectionCheckMs,
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 2,
    tcp_keepalives_count: 3,
    ...readOnlyDefault(purpose, writing),
  };
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return [fromUrl.trim(), ...ours].filter(Boolean).join(' ');
}

function readOnlyDefault(purpose: SessionPurpose, writing: Writing): Record<string, string> {
  if (purpose === 'read') return { default_transaction_read_only: 'on' };
  return writing === 'always' ? { default_transaction_read_only: 'off' } : {};
}
