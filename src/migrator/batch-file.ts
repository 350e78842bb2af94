/** Whether a pending migration may travel with others in one message, and the text of it that would. */

import { plainSql } from './plain-sql.ts';
import type { PendingMigration } from './plan.ts';
import type { SqlFile } from './sql-file.ts';
import { type AnalysedFile, analyseFile } from './statements.ts';
import { transactionMode } from './transaction-control.ts';
import type { Work } from './work.ts';

export type BatchFile =
  | {
      readonly kind: 'plain';
      readonly pending: PendingMigration;
      /** All of it that is to be sent, complete in itself. */
      readonly sql: string;
      /** Where `sql` begins in the file's text, in UTF-16 units. */
      readonly start: number;
      /** How many statements it has at the most. */
      readonly statements: number;
    }
  /** It has several parts, was begun already, or asks for something that is done for one at a time. */
  | { readonly kind: 'other'; readonly pending: PendingMigration };

/** Errors: those of reading SQL. */
export async function batchFile(work: Work, pending: PendingMigration): Promise<BatchFile> {
  const { up } = pending.file;
  const other = { kind: 'other', pending } as const;
  // What is committed is read from the ledger, and a repeatable migration that changed has had its row before.
  const begun = pending.row !== null || (pending.state === 'pending' && pending.changedSince !== undefined);
  const special = begun || work.claimToken !== null || work.observe === 'yes';
  const alone = special || transactionMode(up) === 'none';
  if (!alone) {
    const plain = plainSql(up.sql);
    if (plain) return { kind: 'plain', pending, sql: up.sql, start: 0, statements: plain.statements };
  }
  const analysed = await analyseFile(up);
  return alone ? other : (ofOneTransaction(pending, up, analysed) ?? other);
}

function ofOneTransaction(pending: PendingMigration, up: SqlFile, { parts }: AnalysedFile): BatchFile | undefined {
  const [part] = parts;
  if (parts.length !== 1 || part?.kind !== 'transaction') return undefined;
  // Limits that a file sets are weighed against ours, statement by statement.
  if (part.statements.some(({ kind, text }) => kind === 'VariableSetStmt' || LIMITS.test(text))) return undefined;
  const { start } = part.statements[0]!;
  const sql = up.sql.slice(start, part.statements.at(-1)!.end);
  return { kind: 'plain', pending, sql, start, statements: part.statements.length };
}

const LIMITS = /set_config|pg_settings|_timeout\b|&["']/i;
