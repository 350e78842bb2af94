/** What the state of a database is held against before anything is changed: beyond these the check `environment` fails. */

export interface EnvironmentLimits {
  /** Oldest transaction of a session in the database. CREATE INDEX CONCURRENTLY waits for every older one. */
  readonly oldTransactionMs: number;
  /** Idle in a transaction: nobody is at work there, and nobody will end it. */
  readonly idleInTransactionMs: number;
  /** Oldest prepared transaction: a coordinator that lives ends its own within seconds. */
  readonly preparedMs: number;
  /** WAL that an inactive replication slot keeps: it fills the disk while a migration writes WAL of its own. */
  readonly inactiveSlotBytes: number;
  /** Free disk, beside room for one more copy of the owned tables. Only where it can be known. */
  readonly freeBytes: number;
}

export const ENVIRONMENT_LIMITS: EnvironmentLimits = {
  oldTransactionMs: 3_600_000,
  idleInTransactionMs: 600_000,
  preparedMs: 300_000,
  inactiveSlotBytes: 10 * 1024 ** 3,
  freeBytes: 1024 ** 3,
};
