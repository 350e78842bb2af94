/** Which database a dump is going to be of, asked of the server just before it is taken. */
import { applicationName } from '../../../postgres/application-name.ts';
import { connect } from '../../../postgres/connect.ts';
import { readIdentity } from '../../identity.ts';
import { OWN_APPLICATION } from '../../session.ts';
import { DUMP_APPLICATION } from '../running-dumps.ts';

export interface DumpGround {
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  readonly database: string;
  readonly oid: string;
  readonly serverVersion: number;
  /** Read before the dump begins: what was committed before it is in the dump. Null where the role may not ask. */
  readonly lsn: string | null;
  /** On the server's clock. */
  readonly startedAt: Date;
  /** `performance.now()` at that moment. */
  readonly readAtMs: number;
  /** `user@host:port/database`. */
  readonly describe: string;
  /** What the session of pg_dump is called. */
  readonly application: string;
}

const FACTS = `
  select oid::text as oid, clock_timestamp() as "startedAt",
         (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text as lsn
    from pg_database where datname = current_database()`;

/** Errors: those of `connect`. */
export async function readDumpGround({
  url,
  who,
}: {
  readonly url: string;
  readonly who: string;
}): Promise<DumpGround> {
  const application = applicationName(`${DUMP_APPLICATION}${who}`);
  // Not by the name of the dump: that one is not under way yet.
  const session = await connect({ url, applicationName: `${OWN_APPLICATION}:check:dump`, purpose: 'read' });
  try {
    const { systemIdentifier, timeline, database } = await readIdentity(session.client);
    const { rows } = await session.client.query<Pick<DumpGround, 'oid' | 'startedAt' | 'lsn'>>(FACTS);
    const { serverVersion, describe } = session;
    return {
      systemIdentifier,
      timeline,
      database,
      serverVersion,
      ...rows[0]!,
      readAtMs: performance.now(),
      describe,
      application,
    };
  } finally {
    await session.close();
  }
}
