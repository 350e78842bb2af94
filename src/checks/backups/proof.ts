/** The port of a provider of backups: which database is asked about, and what a provider answers. */
import type { BackupProvider } from '../../model/backups.ts';
import type { CheckOutcome } from '../../model/outcome.ts';
import type { CheckContext } from '../context.ts';

/** Asked of the server itself. */
export interface DatabaseAsked {
  /** Null where the role may not ask: what a provider says about the system can then not be held against it. */
  readonly systemIdentifier: string | null;
  readonly database: string;
  /** As text. */
  readonly oid: string;
  readonly serverVersion: number;
}

export interface BackupQuestion {
  readonly context: CheckContext;
  readonly database: DatabaseAsked;
  readonly maxAgeMs: number;
}

/**
 * Passed: this provider proves a backup that is young enough, of this database. It throws where it could not look at all
 * (connection lost, interrupted).
 */
export type AskProvider<K extends BackupProvider['kind']> = (
  question: BackupQuestion,
  provider: Extract<BackupProvider, { readonly kind: K }>,
) => Promise<CheckOutcome>;

/** Clocks of machines may differ by this much. */
export const CLOCK_SKEW_MS = 60_000;

export function nowOf({ context }: Pick<BackupQuestion, 'context'>): Date {
  return context.now?.() ?? new Date();
}
