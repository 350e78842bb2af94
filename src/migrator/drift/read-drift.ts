/**
 * What was changed by hand since the last run: the catalog now beside the one that the run kept. Mostly answered by a
 * signature of the catalog's rows in one cheap query; texts are compared, in the server, only where that differs. Read-only.
 */
import type pg from 'pg';
import type { Drift, UnknownDrift } from '../../model/drift.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import type { FingerprintScope } from '../fingerprint.ts';
import { fingerprintSql } from '../fingerprint-sql.ts';
import { ledgerName } from '../ledger-table.ts';
import { catalogSignatureSql } from './catalog-signature.ts';
import { differencesOf, type UnequalObject } from './compare-catalogs.ts';
import { catalogFormat, ledgerStateSql, literalsOf } from './keep-catalog.ts';
import { SETTLE_SQL } from './settled-session.ts';

interface Mark {
  readonly format: string;
  /** Major version. */
  readonly server: number;
  readonly ledger: string;
  readonly signature: string;
}

interface Kept {
  readonly mark: Mark;
  readonly server: number;
  readonly ledger: string;
  readonly signature: string;
}

/** The client must not be in a transaction. Errors: the driver's own. */
export async function readDrift(client: pg.ClientBase, scope: FingerprintScope): Promise<Drift> {
  const kept = await readKept(client, scope);
  if (typeof kept === 'string') return { kind: 'unknown', why: kept };
  const { mark } = kept;
  if (mark.ledger !== kept.ledger) return { kind: 'unknown', why: 'cut-off' };
  if (mark.signature === kept.signature) return { kind: 'none' };
  if (mark.format !== catalogFormat(scope)) return { kind: 'unknown', why: 'other-version' };
  const differences = differencesOf(await readUnequal(client, scope));
  if (differences.length === 0) return { kind: 'none' };
  if (mark.server !== kept.server) return { kind: 'unknown', why: 'other-server' };
  return { kind: 'drifted', differences };
}

async function readKept(client: pg.ClientBase, scope: FingerprintScope): Promise<Kept | UnknownDrift> {
  const { schemas, ledger } = literalsOf(scope);
  const sql = `select catalog_mark as mark, current_setting('server_version_num')::int / 10000 as server,
    ${ledgerStateSql(scope.ledgerSchema)} as ledger, ${catalogSignatureSql(schemas, ledger)} as signature
    from ${ledgerName(scope.ledgerSchema)} where catalog_mark is not null limit 1`;
  try {
    return (await settled<Kept>(client, sql))[0] ?? 'never-kept';
  } catch (error) {
    // No table, or no schema for it; a ledger from before there was this column.
    const state = sqlstateOf(error);
    if (state === '42P01' || state === '3F000') return 'no-ledger';
    if (state === '42703') return 'never-kept';
    throw error;
  }
}

function readUnequal(client: pg.ClientBase, scope: FingerprintScope): Promise<UnequalObject[]> {
  const { schemas, ledger } = literalsOf(scope);
  return settled<UnequalObject>(
    client,
    `with kept as (select o ->> 0 as kind, o ->> 1 as id, o ->> 2 as definition
       from ${ledgerName(scope.ledgerSchema)}, json_array_elements(catalog_after) o where catalog_mark is not null)
     select kind, id, kept.definition as before, now.definition as now
       from kept full join (${fingerprintSql(schemas, ledger)}) as now using (kind, id)
      where kept.definition is distinct from now.definition`,
  );
}

/** One query in a read-only transaction of its own, in one round trip. */
async function settled<Row extends pg.QueryResultRow>(client: pg.ClientBase, sql: string): Promise<Row[]> {
  try {
    const script = `begin transaction isolation level repeatable read, read only; ${SETTLE_SQL}; ${sql}; commit`;
    const results = (await client.query(script)) as unknown as pg.QueryResult<Row>[];
    return results[2]?.rows ?? [];
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
