/** Asks a server which database it really is. Two URLs that answer alike lead to the same place; a failover answers otherwise. */
import type pg from 'pg';
import type { TargetIdentity } from '../model/target.ts';

/** Which database it is, and what the server is at this moment, which is no part of its identity. */
export interface ServerNow {
  readonly identity: TargetIdentity;
  /** A replica, or one that is being brought back. */
  readonly inRecovery: boolean;
}

const IDENTITY = `
  select current_database() as database, current_user::text as "user",
         current_setting('server_version_num')::int as "serverVersion", pg_is_in_recovery() as "inRecovery"`;

const SYSTEM = `select system_identifier::text as value from pg_control_system()`;

// Of the WAL being written now: the control file's own timeline is that of the last checkpoint, which a promotion outruns.
const TIMELINE = `select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int as value`;
const REPLAYED_TIMELINE = `select timeline_id as value from pg_control_checkpoint()`;

/** As readServer, and only who it is. */
export async function readIdentity(client: pg.Client): Promise<TargetIdentity> {
  return (await readServer(client)).identity;
}

/** Read outside a transaction: what the role may not ask is null, and does not spoil the rest. */
export async function readServer(client: pg.Client): Promise<ServerNow> {
  const together = await askTogether(client);
  if (together !== null) return together;
  const { rows } = await client.query<Basics>(IDENTITY);
  const systemIdentifier = await valueOrNull<string>(client, SYSTEM);
  const timeline =
    (await valueOrNull<number>(client, TIMELINE)) ?? (await valueOrNull<number>(client, REPLAYED_TIMELINE));
  return serverOf(rows[0]!, systemIdentifier, timeline);
}

type Basics = Omit<TargetIdentity, 'systemIdentifier' | 'timeline'> & { readonly inRecovery: boolean };

/** What a primary answers to a role that may ask: one message. Null where any part of it is refused. */
async function askTogether(client: pg.Client): Promise<ServerNow | null> {
  try {
    const answer: unknown = await client.query([IDENTITY, SYSTEM, TIMELINE].join(';'));
    const [basics, system, timeline] = answer as [
      pg.QueryResult<Basics>,
      pg.QueryResult<{ value: string }>,
      pg.QueryResult<{ value: number }>,
    ];
    return serverOf(basics.rows[0]!, system.rows[0]?.value ?? null, timeline.rows[0]?.value ?? null);
  } catch (error) {
    if (isUnanswered(error)) return null;
    throw error;
  }
}

function serverOf(
  { inRecovery, ...basics }: Basics,
  systemIdentifier: string | null,
  timeline: number | null,
): ServerNow {
  return { identity: { systemIdentifier, ...basics, timeline }, inRecovery };
}

async function valueOrNull<T>(client: pg.Client, sql: string): Promise<T | null> {
  try {
    const { rows } = await client.query<{ value: T }>(sql);
    return rows[0]?.value ?? null;
  } catch (error) {
    if (isUnanswered(error)) return null;
    throw error;
  }
}

// Not in recovery, not permitted: 55000 and 42501. Anything else is a failure of the asking.
const UNANSWERED = new Set(['55000', '42501']);

function isUnanswered(error: unknown): boolean {
  return UNANSWERED.has(String((error as { code?: unknown }).code));
}

/** `15.18` of 150018. */
export function versionText(serverVersion: number): string {
  return `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
}
