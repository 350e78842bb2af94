/** The shortest lease there is outlives the death of the worker that renews it, where there is a second one: the run goes on and traffic stays away. */
import { describe, expect, it } from 'vitest';
import { startClients } from '../postgres/drain/pooler-world.ts';
import { startPooler, WITHOUT_POOLER } from '../support/pooler.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { makeWorld } from '../support/world.ts';
import { running } from '../workflows/run-states.ts';

const TARGET = `
window: { drain: 200ms, drainTimeout: 10s }
drain: { kind: pgbouncer, lease: 10s, pauseTimeout: 5s, queryWaitTimeout: lift, poolers: [{ name: edge, admin: { env: POOLER_ADMIN_URL }, database: $DATABASE }] }
`;
/** Longer than a lease, so that it has to be renewed by somebody. */
const SLOW = {
  'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY);\nSELECT pg_sleep(12);\n',
};

const GUARDS = `select application_name from pg_stat_activity
  where datname = current_database() and application_name like 'drydock:guard:%'`;

async function setup() {
  const database = await freshDatabase();
  await database.query('create table public.counter (id int primary key, n bigint); insert into counter values (1, 0)');
  const pooler = await startPooler({ url: database.url });
  const world = await makeWorld({
    files: SLOW,
    worker: 'none',
    target: TARGET.replace('$DATABASE', pooler.name),
    servers: { database },
    secrets: { POOLER_ADMIN_URL: pooler.adminUrl },
  });
  return { world, database, pooler };
}

describe.skipIf(WITHOUT_POOLER)(`a lease of 10 s${WITHOUT_POOLER ? ` (${WITHOUT_POOLER})` : ''}`, () => {
  it('is renewed by the second worker before it runs out', async () => {
    const { world, database, pooler } = await setup();
    const first = world.startWorkerProcess();
    const run = await world.start();
    await run.approve();
    await run.until('the long migration', running('apply-002'));
    const second = world.startWorkerProcess();
    await second.until(/worker ready/);
    const clients = startClients(pooler.url, 3);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    expect([await untilRenewedOrLetGo(database), clients.queries()]).toEqual(['renewed', 0]);
    expect(await run.ended()).toMatchObject({ outcome: 'done' });
    expect((await clients.stop()).errors).toEqual([]);
    expect(await database.query('select let_go_by from drydock.holds')).toEqual([{ let_go_by: 'run' }]);
    second.child.kill('SIGTERM');
    await second.ended;
    // The one of the killed worker has to see the end too, before its database is dropped.
    await expect.poll(() => database.query(GUARDS), { timeout: 15_000 }).toEqual([]);
  });
});

/** Renewed: the lease ends later than it did at first. */
async function untilRenewedOrLetGo(database: TestDatabase): Promise<'renewed' | 'let go'> {
  const look = () =>
    database.query<{ expiresAt: string; letGo: boolean }>(
      `select expires_at::text as "expiresAt", let_go_at is not null as "letGo" from drydock.holds`,
    );
  const [before] = await look();
  for (;;) {
    const [now] = await look();
    if (now!.letGo) return 'let go';
    if (now!.expiresAt !== before!.expiresAt) return 'renewed';
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
