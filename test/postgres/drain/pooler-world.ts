/** A database behind real poolers, a lease on it, and clients that work through the poolers the whole time and count what they meet. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll } from 'vitest';
import type { HeldThing, LetGoContext } from '../../../src/drain/held-thing.ts';
import type { HoldContext } from '../../../src/drain/hold.ts';
import { type LeaseOwner, type LeaseRow, readLease, takeLease } from '../../../src/drain/lease/lease.ts';
import { holdNotes, notedThings } from '../../../src/drain/lease/notes.ts';
import type { Drain } from '../../../src/model/drain.ts';
import type { TargetView } from '../../../src/model/target.ts';
import { type PoolerOptions, startPooler, type TestPooler } from '../../support/pooler.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { RUNBOOK, TARGET } from '../checks/world.ts';

type PgBouncer = Extract<Drain, { kind: 'pgbouncer' }>;

export interface PoolerWorld {
  readonly database: TestDatabase;
  /** Named `pooler-1`, `pooler-2`, … in the target. */
  readonly poolers: readonly TestPooler[];
  readonly target: TargetView;
  readonly secrets: Readonly<Record<string, string>>;
  /** On behalf of the run with this number. Default: 1. */
  readonly context: (token?: string, more?: Partial<HoldContext>) => HoldContext;
  readonly letGoContext: LetGoContext;
  readonly take: (token?: string, leaseMs?: number, more?: Partial<LeaseOwner>) => Promise<LeaseRow>;
  readonly lease: () => Promise<LeaseRow | null>;
  readonly noted: (token?: string) => Promise<readonly HeldThing[]>;
  /** `query_wait_timeout` and the like, as the pooler says it. */
  readonly setting: (name: string, pooler?: TestPooler) => Promise<string>;
  readonly isPaused: (pooler?: TestPooler) => Promise<boolean>;
  readonly admin: (command: string, pooler?: TestPooler) => Promise<Record<string, unknown>[]>;
}

export interface PoolerWorldOptions {
  readonly poolers?: number;
  readonly drain?: Partial<PgBouncer>;
  readonly settings?: string;
  readonly pooler?: Partial<PoolerOptions>;
  /** Default: a fresh one of the run's server. */
  readonly database?: TestDatabase;
}

export async function poolerWorld(options: PoolerWorldOptions = {}): Promise<PoolerWorld> {
  const { poolers: count = 1, settings } = options;
  const database = options.database ?? (await freshDatabase());
  await database.query('create table public.counter (id int primary key, n bigint); insert into counter values (1, 0)');
  const poolers = await Promise.all(
    Array.from({ length: count }, () =>
      startPooler({ url: database.url, ...(settings === undefined ? {} : { settings }), ...options.pooler }),
    ),
  );
  const drain: PgBouncer = {
    kind: 'pgbouncer',
    poolers: poolers.map(({ name }, index) => ({
      name: `pooler-${index + 1}`,
      admin: { env: `POOLER_${index + 1}` },
      database: name,
    })),
    leaseMs: 30_000,
    pauseTimeoutMs: 5_000,
    queryWaitTimeout: 'keep',
    ...options.drain,
  };
  const target: TargetView = { ...TARGET, drain };
  const secrets = Object.fromEntries(poolers.map(({ adminUrl }, index) => [`POOLER_${index + 1}`, adminUrl]));
  const secret = async (ref: object): Promise<string> => secrets[(ref as { env: string }).env] ?? '';
  const owner = (token: string): LeaseOwner => ({
    workflowId: 'harbour/test',
    runId: `run-${token}`,
    namespace: 'default',
    target: target.name,
    token,
  });
  const client = await database.connect();
  const admin = async (command: string, pooler = poolers[0]!): Promise<Record<string, unknown>[]> => {
    const console = new pg.Client({ connectionString: pooler.adminUrl });
    console.on('error', () => undefined);
    await console.connect();
    try {
      return (await console.query(command)).rows;
    } finally {
      await console.end().catch(() => undefined);
    }
  };
  return {
    database,
    poolers,
    target,
    secrets,
    context: (token = '1', more = {}) => ({
      url: database.url,
      target,
      runbook: RUNBOOK,
      root: '/',
      owner: owner(token),
      secret,
      notes: holdNotes(database.url, owner(token)),
      ...more,
    }),
    letGoContext: { target, url: database.url, secret },
    take: (token = '1', leaseMs = 30_000, more = {}) => takeLease(client, { ...owner(token), ...more }, leaseMs),
    lease: () => readLease(client),
    noted: (token = '1') => notedThings(client, owner(token)),
    admin,
    setting: async (name, pooler) =>
      String((await admin('SHOW CONFIG', pooler)).find((row) => row.key === name)?.value ?? ''),
    isPaused: async (pooler = poolers[0]!) =>
      (await admin('SHOW DATABASES', pooler)).some((row) => row.name === pooler.name && Number(row.paused) === 1),
  };
}

export interface Clients {
  /** Ends them; what they met until then. */
  readonly stop: () => Promise<{
    readonly queries: number;
    readonly errors: readonly string[];
    readonly longestMs: number;
  }>;
  readonly queries: () => number;
}

const running = new Set<Clients>();
afterAll(async () => {
  for (const clients of running) await clients.stop();
});

/** Clients that each ask, one query after the other: reads, and now and then a transaction that writes. */
export function startClients(url: string, count = 10): Clients {
  const errors: string[] = [];
  let queries = 0;
  let longestMs = 0;
  let isStopped = false;
  const one = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: url, application_name: 'clients' });
    client.on('error', (error) => errors.push(error.message));
    try {
      await client.connect();
      while (!isStopped) {
        const startedAt = performance.now();
        await ask(client, queries);
        longestMs = Math.max(longestMs, performance.now() - startedAt);
        queries += 1;
        await sleep(2);
      }
    } catch (error) {
      errors.push(String((error as Error).message));
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const ended = Promise.all(Array.from({ length: count }, one));
  const clients: Clients = {
    queries: () => queries,
    stop: async () => {
      isStopped = true;
      running.delete(clients);
      await ended;
      return { queries, errors, longestMs: Math.round(longestMs) };
    },
  };
  running.add(clients);
  return clients;
}

async function ask(client: pg.Client, turn: number): Promise<void> {
  if (turn % 10 !== 0) return void (await client.query('select n from counter where id = $1', [1]));
  await client.query('begin');
  await client.query('update counter set n = n + 1 where id = 1');
  await client.query('commit');
}
