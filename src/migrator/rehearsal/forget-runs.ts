/** Makes repeatable migrations count as changed since they were run, so that a rehearsal can run them a second time. */
import type pg from 'pg';
import { ledgerName } from '../ledger-table.ts';

/** Only for the ledger of a throw-away database. */
export async function forgetRuns(client: pg.Client, ledgerSchema: string, versions: readonly string[]): Promise<void> {
  if (versions.length === 0) return;
  await client.query(`update ${ledgerName(ledgerSchema)} set up_checksum = '' where version = any ($1)`, [versions]);
}
