/**
 * Writes the catalog as a run leaves it into the ledger's newest row, with that run's last change of the ledger: what is
 * different later was changed by somebody else. It must never make a migration fail: where it cannot be taken, nothing is kept.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { FingerprintScope } from '../fingerprint.ts';
import { fingerprintPieces, fingerprintSql } from '../fingerprint-sql.ts';
import { CATALOG_COLUMNS, ledgerName } from '../ledger-table.ts';
import { pickedSql, type SqlPiece } from '../sql-pieces.ts';
import type { Work } from '../work.ts';
import { catalogSignaturePieces } from './catalog-signature.ts';
import { RESTORE_PLPGSQL, SETTINGS_NOW, SETTLE_PLPGSQL } from './settled-session.ts';

/** Whether a step keeps the catalog: only the last one of a call needs to. */
export type CatalogAfter = 'keep' | 'leave';

/** The schemas and the ledger as SQL literals. */
export function literalsOf({ schemas, ledgerSchema }: FingerprintScope): {
  readonly schemas: readonly string[];
  readonly ledger: string;
} {
  return {
    schemas: schemas.map((schema) => pg.escapeLiteral(schema)),
    ledger: pg.escapeLiteral(ledgerName(ledgerSchema)),
  };
}

/** What a kept catalog is bound to, an expression of type text: progress of every row, and which repeatable ones
 * were run last. A run that is cut off leaves another one. */
export function ledgerStateSql(ledgerSchema: string): string {
  return `(select md5(string_agg(concat_ws(' ', version, parts_done, finished_at is null, case when version like 'R\\_\\_%' then up_checksum end), ',' order by version collate "C")) from ${ledgerName(ledgerSchema)})`;
}

/** Texts that were made by other SQL cannot be compared: it changes with every change of that SQL, and with the schemas. */
export function catalogFormat(scope: FingerprintScope): string {
  const { schemas, ledger } = literalsOf(scope);
  return createHash('sha256').update(fingerprintSql(schemas, ledger)).digest('hex').slice(0, 16);
}

/**
 * One statement, for inside the transaction that changes the ledger last, after that change. Ledgers of before this get their
 * columns by it. An empty ledger, or none, keeps nothing. Settings are as before when it is done.
 */
export function keepCatalogSql(scope: FingerprintScope): string {
  const { ledger } = literalsOf(scope);
  const columns = CATALOG_COLUMNS.map(([name, type]) => `add column if not exists ${name} ${type}`).join(', ');
  const makeColumns = `if not ${hasCatalogColumns(ledger)} then alter table ${ledgerName(scope.ledgerSchema)} ${columns}; end if;`;
  return doBlock(`if to_regclass(${ledger}) is null then return; end if;\n${makeColumns}`, scope);
}

/**
 * The net below the steps that keep it themselves: for after a call that failed half-way, or that changed the ledger in another
 * way. Where the ledger is as it was, nothing is written, because what was changed by hand before must stay known.
 */
export async function keepCatalogIfLedgerMoved(work: Work): Promise<void> {
  const { client } = work.session;
  if (work.signal?.aborted) return;
  const { ledger } = literalsOf(work);
  const unmoved = `exists (select from ${ledgerName(work.ledgerSchema)} where catalog_mark ->> 'ledger' = ${ledgerStateSql(work.ledgerSchema)})`;
  const guard = `if to_regclass(${ledger}) is null or not ${hasCatalogColumns(ledger)} then return; end if;\nif ${unmoved} then return; end if;`;
  await client.query(doBlock(guard, work)).catch(() => undefined);
}

/** An expression for whether the ledger, given as a literal, has the columns for it. */
export function hasCatalogColumns(ledger: string): string {
  return `exists (select from pg_attribute where attrelid = to_regclass(${ledger}) and attname = 'catalog_mark' and not attisdropped)`;
}

function doBlock(guard: string, scope: FingerprintScope): string {
  const { schemas, ledger } = literalsOf(scope);
  const table = ledgerName(scope.ledgerSchema);
  const update: SqlPiece[] = [
    `update ${table} set
  catalog_mark = json_build_object('format', '${catalogFormat(scope)}', 'server', current_setting('server_version_num')::int / 10000,
    'ledger', ${ledgerStateSql(scope.ledgerSchema)}, 'signature', `,
    ...catalogSignaturePieces(schemas, ledger),
    `),
  catalog_after = (select json_agg(json_build_array(kind, id, definition)) from (`,
    ...fingerprintPieces(schemas, ledger),
    `) as objects)
where version = (select version from ${table} order by started_at desc, version desc limit 1)`,
  ];
  return `do $drydock_catalog$ declare settings json; begin
${guard}
settings := ${SETTINGS_NOW};
${SETTLE_PLPGSQL};
update ${table} set catalog_mark = null, catalog_after = null where catalog_mark is not null;
execute ${pickedSql(update)};
${RESTORE_PLPGSQL};
exception when others then null; end $drydock_catalog$;`;
}
