/** What stands where the ledger goes: nothing, a ledger of ours with or without rows, or another tool's table. */
import { LEDGER_TABLE, ledgerName } from '../ledger-table.ts';
import type { Ask } from './history.ts';

export interface RecordedBefore {
  readonly version: string;
  readonly appliedBy: string;
}

export type LedgerPlace =
  | { readonly kind: 'free' }
  | { readonly kind: 'ours'; readonly rows: readonly RecordedBefore[] }
  | { readonly kind: 'foreign' };

export async function ledgerPlace(ask: Ask, schema: string): Promise<LedgerPlace> {
  const [seen] = await ask<{ there: boolean; ours: boolean }>(
    `select to_regclass($1) is not null as there,
            exists (select from pg_attribute where attrelid = to_regclass($1) and attname = 'up_checksum') as ours`,
    [ledgerName(schema)],
  );
  if (!seen?.there) return { kind: 'free' };
  if (!seen.ours) return { kind: 'foreign' };
  const rows = await ask<RecordedBefore>(
    `select version, applied_by as "appliedBy" from ${ledgerName(schema)} order by 1`,
  );
  return { kind: 'ours', rows };
}

/** SQL that renames the table in the ledger's place, and its index in the place of the ledger's, to names that are free. */
export async function makeRoomSql(
  ask: Ask,
  schema: string,
): Promise<{ readonly sql: string; readonly keptAs: string }> {
  const [free] = await ask<{ name: string }>(
    `select candidate as name
       from (select 1 as n, $2::text as candidate union all select n, $2 || '_' || n from generate_series(2, 99) n) names
      where not exists (select from pg_class c join pg_namespace s on s.oid = c.relnamespace
                         where s.nspname = $1 and c.relname in (candidate, candidate || '_pkey'))
      order by n limit 1`,
    [schema, `${LEDGER_TABLE}_before_drydock`],
  );
  const keptAs = free!.name;
  const index = ledgerName(schema).replace(new RegExp(`${LEDGER_TABLE}$`), `${LEDGER_TABLE}_pkey`);
  const sql = [
    `alter table ${ledgerName(schema)} rename to ${keptAs};`,
    `alter index if exists ${index} rename to ${keptAs}_pkey;`,
  ].join('\n');
  return { sql, keptAs };
}
