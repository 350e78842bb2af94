/** Copies the rows of the target's ledger into the throw-away database: a dump without rows would call everything pending. */
import type pg from 'pg';
import { ledgerName } from '../ledger-table.ts';

/** Nothing where the target has no ledger, or the throw-away database has none to hold it. */
export async function copyLedger(from: pg.Client, to: pg.Client, ledgerSchema: string): Promise<void> {
  const name = ledgerName(ledgerSchema);
  if (!(await isThere(from, name)) || !(await isThere(to, name))) return;
  const { rows } = await from.query<{ all: unknown[] | null }>(`select json_agg(l) as all from ${name} l`);
  const all = rows[0]?.all ?? [];
  await to.query(`insert into ${name} select * from json_populate_recordset(null::${name}, $1)`, [JSON.stringify(all)]);
}

async function isThere(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name]);
  return rows[0]!.there;
}
