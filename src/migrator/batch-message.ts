/** The one message of several migrations: each begins, works, writes its ledger row and commits before the next one begins. */
import pg from 'pg';
import type { BatchFile } from './batch-file.ts';
import { keepCatalogSql } from './drift/keep-catalog.ts';
import type { MigrationFile } from './files.ts';
import { insertRowSql, type Ledger, type Timing } from './ledger.ts';
import { createLedgerSql, ledgerName } from './ledger-table.ts';
import type { PendingMigration } from './plan.ts';
import { ledgerEntry } from './progress-record.ts';
import { CLEAN_NEXT_BEGIN, CLEAN_SESSION } from './script.ts';
import type { Work } from './work.ts';

export type PlainFile = Extract<BatchFile, { kind: 'plain' }>;

export interface Batch {
  /** At least one. */
  readonly files: readonly PlainFile[];
  readonly state: Ledger['state'];
  /** The last of all that are to be applied: with it the catalog is kept. */
  readonly last: PendingMigration;
}

export interface BatchMessage {
  readonly text: string;
  readonly files: readonly MigrationFile[];
  /** Of each file: where its text begins in the message, in UTF-16 units. */
  readonly places: readonly { readonly inMessage: number; readonly plain: PlainFile }[];
}

/** How many statements of ours come before those of the file, in each transaction. */
export const STATEMENTS_BEFORE = 4;

/** All transactions of one message have its time as their timestamp, so each notes its own beginning. */
const BEGAN = "nullif(current_setting('drydock.began', true), '')::numeric";
const SINCE_BEGAN: Timing = {
  startedAt: `coalesce(to_timestamp(${BEGAN}), transaction_timestamp())`,
  elapsedMs: `((extract(epoch from clock_timestamp()) - coalesce(${BEGAN}, extract(epoch from transaction_timestamp()))) * 1000)::integer`,
};

export function batchMessage(work: Work, { files, state, last }: Batch): BatchMessage {
  const places: { inMessage: number; plain: PlainFile }[] = [];
  let text = '';
  for (const [index, plain] of files.entries()) {
    text += `begin;\n${CLEAN_SESSION}\n${beginningSql(work, plain.statements)}\n`;
    places.push({ inMessage: text.length, plain });
    const { file } = plain.pending;
    // The line break ends a comment that may stand last in the file's text; the file may have taken another role.
    text += `${plain.sql}\n;reset session authorization;\n`;
    if (index === 0 && state === 'absent') text += `${createLedgerSql(work.ledgerSchema)}\n`;
    text += `${insertRowSql(work.ledgerSchema, ledgerEntry(work, file, 1), 1, SINCE_BEGAN)}\n`;
    if (plain.pending === last) text += `${keepCatalogSql(work)}\n`;
    text += `${CLEAN_NEXT_BEGIN}\ncommit;\n`;
  }
  text += committedSql(
    work.ledgerSchema,
    files.map(({ pending }) => pending.file),
  );
  return { text, files: files.map(({ pending }) => pending.file), places };
}

/** A row for each of these files that is applied. */
export function committedSql(ledgerSchema: string, files: readonly MigrationFile[]): string {
  const versions = files.map(({ version }) => pg.escapeLiteral(version)).join(', ');
  return `select version, duration_ms as "durationMs" from ${ledgerName(ledgerSchema)} where finished_at is not null and version in (${versions});`;
}

export interface CommittedRow {
  readonly version: string;
  readonly durationMs: number;
}

const LEAST_WAIT_MS = 10;
const WAIT_WITHOUT_LIMIT_MS = 1_000;

/**
 * All waits of one file together are no longer than one lock timeout. One that is too short for it costs nothing: the file is
 * then applied by itself, with the waits it is due.
 */
function beginningSql({ policy }: Work, statements: number): string {
  const wholeMs = policy.lockTimeoutMs || WAIT_WITHOUT_LIMIT_MS;
  const waitMs = Math.max(Math.floor(wholeMs / statements), LEAST_WAIT_MS);
  return `select set_config('lock_timeout', '${waitMs}', true), set_config('statement_timeout', '${policy.statementTimeoutMs}', true), set_config('drydock.began', extract(epoch from clock_timestamp())::text, true);`;
}
