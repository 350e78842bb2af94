/** Asks a server which database it really is. Two URLs that answer alike lead to the same place; a failover answers otherwise. */
import type pg from 'pg';
import type { TargetIdentity } from '../model/target.ts';

const IDENTITY = `
  select current_database() as database, current_user::text as "user",
         current_setting('server_version_num')::int as "serverVersion"`;

const SYSTEM = `select system_identifier::text as value from pg_control_system()`;

// Of the WAL being written now: the control file's own timeline is that of the last checkpoint, which a promotion outruns.
const TIMELINE = `select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int as value`;
const REPLAYED_TIMELINE = `select timeline_id as value from pg_control_checkpoint()`;

/** Read outside a transaction: what the role may not ask is null, and does not spoil the rest. */
export async function readIdentity(client: pg.Client): Promise<TargetIdentity> {
  const { rows } = await client.query<Omit<TargetIdentity, 'systemIdentifier' | 'timeline'>>(IDENTITY);
  const systemIdentifier = await valueOrNull<string>(client, SYSTEM);
  const timeline =
    (await valueOrNull<number>(client, TIMELINE)) ?? (await valueOrNull<number>(client, REPLAYED_TIMELINE));
  return { systemIdentifier, ...rows[0]!, timeline };
}

// Not in recovery, not permitted: 55000 and 42501. Anything else is a failure of the asking.
const UNANSWERED = new Set(['55000', '42501']);

async function valueOrNull<T>(client: pg.Client, sql: string): Promise<T | null> {
  try {
    const { rows } = await client.query<{ value: T }>(sql);
    return rows[0]?.value ?? null;
  } catch (error) {
    if (UNANSWERED.has(String((error as { code?: unknown }).code))) return null;
    throw error;
  }
}

/** `15.18` of 150018. */
export function versionText(serverVersion: number): string {
  return `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
}
