/** What the tests of the drain `read-only` share: a database with a lease of ours, roles, and applications that are at work in it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll } from 'vitest';
import type { HeldThing } from '../../../src/drain/held-thing.ts';
import type { HoldContext } from '../../../src/drain/hold.ts';
import { takeLease } from '../../../src/drain/lease/lease.ts';
import { holdNotes } from '../../../src/drain/lease/notes.ts';
import type { Drain } from '../../../src/model/drain.ts';
import { connect } from '../../../src/postgres/connect.ts';
import { freshDatabase, onCluster, type TestDatabase } from '../../support/postgres.ts';
import { setupWorld, TARGET, urlAs } from '../checks/world.ts';

export const OWNER = { workflowId: 'harbour/test', runId: 'r', token: '7' };

export interface ReadOnlyWorld {
  readonly database: TestDatabase;
  /** A role that may log in and write, of this world only. */
  readonly app: string;
  readonly context: (drain?: Partial<ReadOnlyDrain>, more?: Partial<HoldContext>) => HoldContext;
  /** A role of its own, and the URL with it. */
  readonly role: (options?: string) => Promise<{ readonly name: string; readonly url: string }>;
  /** A session of an application under this role. */
  readonly connectAs: (role: string, application?: string) => Promise<pg.Client>;
  /** The settings of this database and of its roles, as the catalog keeps them, without other settings. */
  readonly settings: () => Promise<Readonly<Record<string, readonly string[]>>>;
  readonly noted: () => Promise<readonly HeldThing[]>;
}

type ReadOnlyDrain = Extract<Drain, { readonly kind: 'read-only' }>;

const made: string[] = [];
const clients: pg.Client[] = [];

afterAll(async () => {
  for (const client of clients) client.end().catch(() => undefined);
  for (const role of made) await onCluster(`drop role if exists ${role}`).catch(() => undefined);
});

export async function setup(): Promise<ReadOnlyWorld> {
  const checkout = await setupWorld();
  const database = await freshDatabase();
  await database.query(`create schema core; create table core.users (id uuid primary key); create schema harbour;
    create table harbour.berths (id int generated always as identity, ship text);
    create table public.others (id int);
    grant usage on schema core, harbour to public; grant all on all tables in schema core, harbour, public to public`);
  // Roles of other worlds, whose settings count in every database, have no business here.
  await onCluster(`revoke connect on database ${database.name} from public`);
  await takeOurLease(database.url);
  // What the run's role would have made itself.
  await database.query('grant usage on schema drydock to public; grant all on all tables in schema drydock to public');
  const role = async (options = '') => {
    const name = `drain_${randomBytes(4).toString('hex')}`;
    made.push(name);
    await onCluster(`create role ${name} login password 'secret' ${options}`);
    await onCluster(`grant connect on database ${database.name} to ${name}`);
    return { name, url: urlAs(database.url, name) };
  };
  const { name: app } = await role();
  const context: ReadOnlyWorld['context'] = (drain = {}, more = {}) => ({
    ...checkout.context(database.url),
    target: { ...TARGET, drain: { kind: 'read-only', roles: [], endAfterMs: 5_000, leaseMs: 30_000, ...drain } },
    owner: OWNER,
    secret: async () => '',
    notes: holdNotes(database.url, OWNER),
    ...more,
  });
  return {
    database,
    app,
    context,
    role,
    connectAs: (name, application = 'app') => connectTo(urlAs(database.url, name), application),
    settings: () => settingsOf(database),
    noted: () => holdNotes(database.url, OWNER).noted(),
  };
}

/** As a run takes it, right before it holds. */
export async function takeOurLease(url: string): Promise<void> {
  const session = await connect({ url, applicationName: 'drydock:test', purpose: 'check' });
  await takeLease(session.client, { ...OWNER, namespace: 'default', target: 'test' }, 60_000);
  await session.close();
}

async function connectTo(url: string, application: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: application });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

async function settingsOf(database: TestDatabase): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = await database.query<{ whose: string; config: string[] }>(`
    select coalesce(r.rolname, 'database') as whose, s.setconfig as config
      from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
     where s.setdatabase = (select oid from pg_database where datname = current_database()) order by 1`);
  return Object.fromEntries(rows.map(({ whose, config }) => [whose, config]));
}

/** Whether it is gone: what is asked fails, and the connection with it. */
export async function isEnded(client: pg.Client): Promise<boolean> {
  return client.query('select 1').then(
    () => false,
    () => true,
  );
}

export async function pidOf(client: pg.Client): Promise<number> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
}

export interface Counts {
  readonly reads: number;
  readonly writes: number;
  /** Writes that were answered with 25006. */
  readonly refused: number;
  /** Sessions that were lost, each replaced at once. */
  readonly ended: number;
  /** Whatever else went wrong. */
  readonly others: readonly string[];
}

/** Clients that read and write in turns as fast as they can, each on a session that it opens again when it is lost. */
export function startClients(world: ReadOnlyWorld, number: number) {
  const counts = { reads: 0, writes: 0, refused: 0, ended: 0, others: [] as string[] };
  let isAtWork = true;
  const work = async (): Promise<void> => {
    let client = await world.connectAs(world.app, 'client');
    while (isAtWork) {
      const turn = counts.reads + counts.writes + counts.refused;
      try {
        if (turn % 2 === 0) {
          await client.query('select count(*) from harbour.berths');
          counts.reads += 1;
        } else {
          await client.query('insert into harbour.berths default values');
          counts.writes += 1;
        }
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (code === '25006') counts.refused += 1;
        else if (code === '57P01' || /Connection terminated|not queryable/.test(message)) {
          counts.ended += 1;
          client = await world.connectAs(world.app, 'client');
        } else counts.others.push(`${code} ${message}`);
      }
    }
  };
  const all = Array.from({ length: number }, work);
  return {
    counts: (): Counts => ({ ...counts }),
    stop: async (): Promise<Counts> => {
      isAtWork = false;
      await Promise.all(all);
      return counts;
    },
  };
}
