/**
 * What `migrate` would do, statement by statement, found out inside a transaction in which the database itself refuses every
 * write.
 */
import type pg from 'pg';
import type { DryRun, DryRunMigration } from '../model/migrator-status.ts';
import { isProblemError, type Problem } from '../model/problem.ts';
import type { MigrationFile } from './files.ts';
import { readLedger } from './ledger.ts';
import { type PendingMigration, planMigrations } from './plan.ts';
import { analyseFile, type Part } from './statements.ts';

export type { DryRun, DryRunMigration, DryRunStatement } from '../model/migrator-status.ts';

export interface DryRunScope {
  readonly files: readonly MigrationFile[];
  readonly ledgerSchema: string;
  /** `user@host:port/database`. */
  readonly describe: string;
}

/** The client must not be in a transaction. Errors: those of reading the ledger. */
export async function dryRun(client: pg.Client, { files, ledgerSchema, describe }: DryRunScope): Promise<DryRun> {
  const ledger = await inReadOnlyTransaction(client, () => readLedger(client, ledgerSchema));
  const plan = planMigrations(files, ledger.rows);
  const problems: Problem[] = [...plan.problems];
  const pending: DryRunMigration[] = [];
  for (const one of plan.pending) {
    const migration = await describeMigration(one, problems);
    if (migration) pending.push(migration);
  }
  return { database: describe, onDisk: files.length, applied: files.length - plan.pending.length, pending, problems };
}

/** Both files have to be readable as SQL: a mirror that is not would be found out when it is needed most. */
async function describeMigration(
  { file, row }: PendingMigration,
  problems: Problem[],
): Promise<DryRunMigration | undefined> {
  try {
    const up = await analyseFile(file.up);
    if (file.down) await analyseFile(file.down);
    const { version, name } = file;
    return {
      version,
      name,
      path: file.up.path,
      downPath: file.down?.path ?? null,
      upChecksum: file.up.checksum,
      downChecksum: file.down?.checksum ?? null,
      sql: file.up.sql,
      parts: up.parts.map(describePart),
      partsDone: row?.partsDone ?? 0,
    };
  } catch (error) {
    if (!isProblemError(error)) throw error;
    problems.push(error.problem);
    return undefined;
  }
}

function describePart(part: Part): DryRunMigration['parts'][number] {
  const statements = part.kind === 'alone' ? [part.statement] : part.statements;
  return { kind: part.kind, statements: statements.map(({ line, kind }) => ({ line, kind })) };
}

async function inReadOnlyTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin transaction read only');
  try {
    return await work();
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}
