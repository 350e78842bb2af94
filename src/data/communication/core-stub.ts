/**
 * Makes core.organizations and core.users where an integration environment lacks them. Never for production. Run alone:
 * `pnpm tsx src/data/communication/core-stub.ts --url $URL [--sample|--empty] [--json]`.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { ProblemError } from '../../model/problem.ts';
import { fieldOf } from '../../postgres/sqlstate.ts';
import { isEntryPoint } from '../entry-point.ts';
import { inTransaction } from '../transaction.ts';

export interface CoreStubOptions {
  /** `with-rows`: one organisation and three users with fixed identities, only in tables that the stub itself made. */
  readonly sample: 'with-rows' | 'empty';
}

/** Which of the two tables were made now, and which were there and left alone. */
export interface CoreStubResult {
  readonly created: readonly string[];
  readonly kept: readonly string[];
}

const TABLES = ['core.organizations', 'core.users'] as const;
const sqlFile = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

/**
 * Harmless to repeat, and when two come at once.
 * @throws ProblemError `core-is-real` where sample rows are asked for in tables that are not the stub's; nothing is made then.
 */
export function createCoreStub(client: pg.ClientBase, { sample }: CoreStubOptions): Promise<CoreStubResult> {
  return inTransaction(client, { doing: 'making the stub of core', code: 'core-stub-failed' }, async () => {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('drydock.core_stub', 0))`);
    const kept = await tablesThere(client);
    await client.query(sqlFile('core-stub.sql'));
    if (sample === 'with-rows') await client.query(sqlFile('core-stub-sample.sql')).catch(refuseRealCore);
    return { created: TABLES.filter((table) => !kept.includes(table)), kept };
  });
}

async function tablesThere(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, rank) WHERE to_regclass(name) IS NOT NULL ORDER BY rank',
    [TABLES],
  );
  return rows.map(({ name }) => name);
}

function refuseRealCore(error: unknown): never {
  if (fieldOf(error, 'code') !== '55000') throw error;
  throw new ProblemError(
    {
      code: 'core-is-real',
      message: 'no sample rows were written',
      found: 'core.organizations or core.users was not made by this command',
      expected: 'tables of the stub',
      next: 'pnpm tsx src/data/communication/core-stub.ts --empty --url $URL',
    },
    { cause: error },
  );
}

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runCoreStubCommand } = await import('../../cli/commands/core-stub.ts');
  process.exitCode = await runCoreStubCommand(createCoreStub, process.argv.slice(2));
}
