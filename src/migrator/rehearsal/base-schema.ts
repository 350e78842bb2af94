/**
 * Puts the schema to start from into the throw-away database: the target's own by pg_dump, else the files of what is applied on
 * top of a stub, or the stub alone where the whole set is rehearsed.
 */
import type pg from 'pg';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import type { SchemaSource } from '../../model/rehearsal.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import type { MigrationFile } from '../files.ts';
import { migrateAll } from '../migrate.ts';
import type { Migrator } from '../migrator.ts';
import { findPgDump } from '../pg-dump.ts';
import type { SqlFile } from '../sql-file.ts';
import { analyseFile } from '../statements.ts';
import { copyLedger } from './copied-ledger.ts';
import { dumpEntries } from './dump-entries.ts';
import { dumpSchema } from './dump-schema.ts';
import { baseFailed } from './rehearsal-problems.ts';
import { restoreSchema } from './restore-schema.ts';

/** `dump-or-files`: the target's own where a pg_dump fits. */
export type BaseChoice = 'dump-or-files' | 'files' | 'empty';

export interface BasePlan {
  readonly choice: BaseChoice;
  readonly stub: SqlFile | null;
  readonly target: { readonly url: string; readonly client: pg.Client; readonly major: number };
  /** The throw-away database: a session on it, and a migrator for it. */
  readonly client: pg.Client;
  readonly migrator: Migrator;
  readonly ledgerSchema: string;
  /** Applied on the target, in order; repeatable ones anywhere, since they are run last. */
  readonly applied: readonly MigrationFile[];
  /** Roles are those of the target's server. */
  readonly owners: 'kept' | 'left out';
  readonly signal: AbortSignal | undefined;
}

/** Errors: `rehearsal-dump-failed`, `rehearsal-base-failed`, `interrupted`. */
export async function buildBase(plan: BasePlan): Promise<SchemaSource> {
  const stub = plan.stub?.path ?? null;
  if (plan.choice === 'empty') {
    await runStub(plan);
    return { kind: 'empty', stub };
  }
  const program = plan.choice === 'files' ? undefined : await findPgDump(plan.target.major);
  if (program !== undefined) return fromDump(plan, program);
  await runStub(plan);
  await applyFiles(plan);
  const why = plan.choice === 'files' ? 'as was asked for' : `no pg_dump here reads PostgreSQL ${plan.target.major}`;
  return { kind: 'files', stub, why };
}

async function fromDump(plan: BasePlan, program: string): Promise<SchemaSource> {
  const { target, owners, signal, client } = plan;
  const text = await dumpSchema({ url: target.url, program, owners, ...(signal ? { signal } : {}) });
  const lacking = await restoreSchema(client, dumpEntries(text), signal);
  // The dump's own settings must not outlive it in this session.
  await client.query('reset all');
  await copyLedger(target.client, client, plan.ledgerSchema);
  return { kind: 'dump', owners, lacking };
}

/** Statement by statement, so that one that fails is shown in its place. */
async function runStub({ stub, client }: BasePlan): Promise<void> {
  if (!stub) return;
  const { statements } = await analyseFile(stub);
  for (const statement of statements) {
    await client.query(statement.text).catch((error: unknown) => {
      const source = { path: stub.path, sql: stub.sql, shift: Array.from(stub.sql.slice(0, statement.start)).length };
      throw new ProblemError({
        ...problemFromPg(error, { doing: `the stub ${stub.path}`, code: 'rehearsal-stub-failed', source }),
        next: `correct ${stub.path}, then run the same command again`,
      });
    });
  }
}

/** Many at once where they allow it: nobody wants to know what each of them locks. */
async function applyFiles({ migrator, stub, signal, applied }: BasePlan): Promise<void> {
  if (applied.length === 0) return;
  try {
    await migrator.alone((work) => migrateAll({ ...work, observe: 'no' }, applied));
  } catch (error) {
    if (signal?.aborted || !isProblemError(error)) throw error;
    throw baseFailed(error, stub?.path ?? null);
  }
}
