/**
 * Builds the schema of a dump in an empty database, entry by entry, and goes on past what cannot be made there: it says what
 * that was. Whether the rest is worth a rehearsal is for whoever reads it.
 */
import type pg from 'pg';
import type { NotRestored } from '../../model/rehearsal.ts';
import { interrupted } from '../../postgres/clock.ts';
import { classifyError, sqlstateOf } from '../../postgres/sqlstate.ts';
import { type DumpEntry, type SchemaDump, withoutOwner } from './dump-entries.ts';

/** What could not be made. Errors: those of a lost connection, `interrupted`. */
export async function restoreSchema(
  client: pg.Client,
  dump: SchemaDump,
  signal?: AbortSignal,
): Promise<readonly NotRestored[]> {
  const lacking: NotRestored[] = [];
  // A setting that this server does not know was made for a newer one.
  for (const setting of dump.settings) await attempt(client, setting);
  for (const entry of dump.entries) {
    if (signal?.aborted) throw interrupted();
    lacking.push(...(await restoreEntry(client, entry)));
  }
  return lacking;
}

async function restoreEntry(client: pg.Client, entry: DumpEntry): Promise<NotRestored[]> {
  const why = await attempt(client, entry.sql);
  if (why === undefined) return [];
  const plain = withoutOwner(entry);
  // All of an entry is undone with its failure; without the change of owner the object itself may be made.
  const again = plain.sql === entry.sql ? why : await attempt(client, plain.sql);
  return [again === undefined ? { what: `OWNER OF ${entry.what}`, why } : { what: entry.what, why: again }];
}

/** The schema public is there already. */
const ALREADY_THERE = '42P06';

async function attempt(client: pg.Client, sql: string): Promise<string | undefined> {
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    if (sqlstateOf(error) === ALREADY_THERE) return undefined;
    if (classifyError(error).code === 'connection-lost') throw error;
    return error instanceof Error ? error.message : String(error);
  }
}
