/** A run that holds traffic and goes missing, in every way it can: its guard lets traffic go, seconds after the end of the lease. */
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/cli/environment.ts';
import { startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { startTemporal } from '../../src/dev/temporal/start-temporal.ts';
import { startClients } from '../postgres/drain/pooler-world.ts';
import { startPooler, WITHOUT_POOLER } from '../support/pooler.ts';
import { freshDatabase } from '../support/postgres.ts';
import { connectTemporalAt, type TestTemporal } from '../support/temporal.ts';
import { type Handle, makeWorld, type World } from '../support/world.ts';
import { running } from '../workflows/run-states.ts';

const LEASE_MS = 10_000;
/** The guard looks a few times within a lease, and a PAUSE takes a moment to end. */
const SLACK_MS = 6_000;

const TARGET = `
window: { drain: 200ms, drainTimeout: 10s }
drain: { kind: pgbouncer, lease: 10s, pauseTimeout: 5s, queryWaitTimeout: lift, poolers: [{ name: edge, admin: { env: POOLER_ADMIN_URL }, database: $DATABASE }] }
consumers:
  - name: mailer
    kind: sql
    pause: update public.mailer set works = false
    resume: update public.mailer set works = true
    status: select not works from public.mailer
`;
const SLOW = {
  'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY);\nSELECT pg_sleep(60);\n',
};

async function setup(temporal?: TestTemporal) {
  const database = await freshDatabase();
  await database.query('create table public.counter (id int primary key, n bigint); insert into counter values (1, 0)');
  await database.query('create table public.mailer (works boolean not null); insert into mailer values (true)');
  const pooler = await startPooler({ url: database.url });
  const world = await makeWorld({
    files: SLOW,
    worker: 'none',
    target: TARGET.replace('$DATABASE', pooler.name),
    servers: { database, ...(temporal ? { temporal } : {}) },
    secrets: { POOLER_ADMIN_URL: pooler.adminUrl },
  });
  const worker = world.startWorkerProcess();
  const clients = startClients(pooler.url, 3);
  const run = await world.start();
  await run.approve();
  await run.until('the long migration', running('apply-002'));
  return { world, worker, clients, run, database };
}

/** Milliseconds until clients are served again and the consumer works. */
async function untilLetGo({ world, queries }: { world: World; queries: () => number }): Promise<number> {
  const startedAt = performance.now();
  const before = queries();
  for (;;) {
    const [mailer] = await world.database.query<{ works: boolean }>('select works from public.mailer');
    if (queries() > before && mailer?.works) return performance.now() - startedAt;
    if (performance.now() - startedAt > 60_000) throw new Error('traffic stayed away');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function endRun(run: Handle): Promise<void> {
  await run.workflow.terminate('the test is over').catch(() => undefined);
}

describe.skipIf(WITHOUT_POOLER)(
  `a run that goes missing while it holds traffic${WITHOUT_POOLER ? ` (${WITHOUT_POOLER})` : ''}`,
  () => {
    it('because its worker was killed, and there is no second one', async () => {
      const { world, worker, clients, run } = await setup();
      process.kill(worker.pid, 'SIGKILL');
      await worker.ended;
      expect(await untilLetGo({ world, queries: clients.queries })).toBeLessThan(LEASE_MS + SLACK_MS);
      expect((await clients.stop()).errors).toEqual([]);
      await endRun(run);
    });

    it('because its workflow was terminated', async () => {
      const { world, worker, clients, run } = await setup();
      await run.workflow.terminate('by a test');
      expect(await untilLetGo({ world, queries: clients.queries })).toBeLessThan(LEASE_MS + SLACK_MS);
      expect((await clients.stop()).errors).toEqual([]);
      process.kill(worker.pid, 'SIGKILL');
      await worker.ended;
    });

    it('because Temporal is gone', async () => {
      const reaper = startReaper();
      const own = readEnvironment().forChild({ TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined });
      const server = await startTemporal({ reaper, environment: readEnvironment(own), ui: 'none' });
      const temporal = await connectTemporalAt(server);
      const { world, worker, clients } = await setup(temporal);
      await server.stop();
      expect(await untilLetGo({ world, queries: clients.queries })).toBeLessThan(LEASE_MS + SLACK_MS);
      expect((await clients.stop()).errors).toEqual([]);
      process.kill(worker.pid, 'SIGKILL');
      await worker.ended;
      await reaper.close();
    });
  },
);
