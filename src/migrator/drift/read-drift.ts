/**
 * What was changed by hand since the last run: the catalog now beside the one that the run kept. Mostly answered by a
 * signature of the catalog's rows in one cheap query; texts are compared, in the server, only where that differs. Read-only.
 */
import type pg from 'pg';
import type { Drift } from '../../model/drift.ts';
import { readOnly } from '../../postgres/read-only.ts';
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

/** What a run kept, beside how it is now. */
export interface KeptCatalog {
  readonly mark: Mark;
  readonly server: number;
  readonly ledger: string;
  readonly signature: string;
}

/** One row, or none where no run has kept a catalog. For a ledger that has the columns, in a session settled by SETTLE_SQL. */
export function keptCatalogSql(scope: FingerprintScope): string {
  const { schemas, ledger } = literalsOf(scope);
  return `select catalog_mark as mark, current_setting('server_version_num')::int / 10000 as server,
    ${ledgerStateSql(scope.ledgerSchema)} as ledger, ${catalogSignatureSql(schemas, ledger)} as signature
    from ${ledgerName(scope.ledgerSchema)} where catalog_mark is not null limit 1`;
}

/** `kept`: the row of `keptCatalogSql`. The client must not be in a transaction. Errors: the driver's own. */
export async function driftFrom(client: pg.ClientBase, scope: FingerprintScope, kept?: KeptCatalog): Promise<Drift> {
  if (!kept) return { kind: 'unknown', why: 'never-kept' };
  const { mark } = kept;
  if (mark.ledger !== kept.ledger) return { kind: 'unknown', why: 'cut-off' };
  if (mark.signature === kept.signature) return { kind: 'none' };
  if (mark.format !== catalogFormat(scope)) return { kind: 'unknown', why: 'other-version' };
  const differences = differencesOf(await readUnequal(client, scope));
  if (differences.length === 0) return { kind: 'none' };
  if (mark.server !== kept.server) return { kind: 'unknown', why: 'other-server' };
  return { kind: 'drifted', differences };
}

async function readUnequal(client: pg.ClientBase, scope: FingerprintScope): Promise<UnequalObject[]> {
  const { schemas, ledger } = literalsOf(scope);
  const sql = `with kept as (select o ->> 0 as kind, o ->> 1 as id, o ->> 2 as definition
       from ${ledgerName(scope.ledgerSchema)}, json_array_elements(catalog_after) o where catalog_mark is not null)
     select kind, id, kept.definition as before, now.definition as now
       from kept full join (${fingerprintSql(schemas, ledger)}) as now using (kind, id)
      where kept.definition is distinct from now.definition`;
  const [, unequal] = await readOnly(client, [SETTLE_SQL, sql]);
  return unequal!.rows as UnequalObject[];
}
