/** Whole runs on targets whose traffic is held: at a real PgBouncer, with a consumer that is paused and people who are told. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import type { NotificationMessage } from '../../src/model/notification.ts';
import { urlAs } from '../postgres/checks/world.ts';
import { type Clients, startClients } from '../postgres/drain/pooler-world.ts';
import { startPooler, type TestPooler, WITHOUT_POOLER } from '../support/pooler.ts';
import { freshDatabase, onCluster, type TestDatabase } from '../support/postgres.ts';
import { makeWorld, type World } from '../support/world.ts';
import { running, statuses } from './run-states.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** What a chat would have been sent, in its order. */
async function startChat(): Promise<{ readonly url: string; readonly told: NotificationMessage[] }> {
  const told: NotificationMessage[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      told.push(JSON.parse(body));
      response.end('ok');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, told };
}

interface Drained {
  readonly world: World;
  readonly database: TestDatabase;
  readonly pooler: TestPooler;
  readonly told: readonly NotificationMessage[];
  readonly clients: Clients;
  /** Whether the consumer may work. */
  readonly consumerRuns: () => Promise<boolean>;
}

const TARGET = `
window: { drain: 300ms, drainTimeout: 10s }
drain:
  kind: pgbouncer
  lease: 15s
  pauseTimeout: 5s
  poolers: [{ name: edge, admin: { env: POOLER_ADMIN_URL }, database: $DATABASE }]
consumers:
  - name: mailer
    kind: sql
    pause: update public.mailer set works = false
    resume: update public.mailer set works = true
    status: select not works from public.mailer
afterRelease: { watch: 1s, lockWait: 5s }
notify:
  - { name: chat, kind: webhook, url: { env: CHAT_URL }, template: '{"turn":"{{turn}}","text":"{{text}}"}' }
`;

async function setup(files: Readonly<Record<string, string>> = {}, members = ''): Promise<Drained> {
  const database = await freshDatabase();
  await database.query('create table public.counter (id int primary key, n bigint); insert into counter values (1, 0)');
  await database.query('create table public.mailer (works boolean not null); insert into mailer values (true)');
  const pooler = await startPooler({ url: database.url });
  const chat = await startChat();
  const world = await makeWorld({
    files,
    target: TARGET.replace('$DATABASE', pooler.name) + members,
    servers: { database },
    secrets: { POOLER_ADMIN_URL: pooler.adminUrl, CHAT_URL: chat.url },
  });
  const consumerRuns = async () =>
    (await database.query<{ works: boolean }>('select works from public.mailer'))[0]!.works;
  return { world, database, pooler, told: chat.told, clients: startClients(pooler.url, 5), consumerRuns };
}

async function leases({ database }: Drained): Promise<number> {
  return (await database.query('select from drydock.holds where ended_at is null')).length;
}

describe.skipIf(WITHOUT_POOLER)(`a run whose traffic is held${WITHOUT_POOLER ? ` (${WITHOUT_POOLER})` : ''}`, () => {
  it('pauses, holds, proves, works and lets everything go, and no client meets an error', async () => {
    const drained = await setup();
    const run = await drained.world.start();
    await run.approve();
    const state = await run.ended();
    const clients = await drained.clients.stop();
    expect(state).toMatchObject({ outcome: 'done', sentence: '3 migrations done, 1 validation passed', held: false });
    expect(statuses(state, 'window')).toEqual([
      'pause-mailer passed',
      'hold passed',
      'drain passed',
      'fingerprint passed',
      'restore-point passed',
    ]);
    expect(statuses(state, 'release')).toEqual([
      'analyze passed',
      'release passed',
      'resume-mailer passed',
      'watch passed',
      'drop-claim passed',
    ]);
    expect(clients.errors).toEqual([]);
    expect(await drained.consumerRuns()).toBe(true);
    expect(await leases(drained)).toBe(0);
    expect(drained.told.map(({ turn }) => turn)).toEqual([
      'approval-asked',
      'approved',
      'draining',
      'released',
      'done',
    ]);
  });

  it('that fails lets everything go after its undo', async () => {
    const drained = await setup({ 'migrations/small/003_notes.up.sql': 'SELECT 1 / 0;\n' });
    const run = await drained.world.start();
    await run.approve();
    const state = await run.ended();
    const clients = await drained.clients.stop();
    expect(state).toMatchObject({ outcome: 'rolled-back', held: false });
    expect(clients.errors).toEqual([]);
    expect(await drained.consumerRuns()).toBe(true);
    expect(await leases(drained)).toBe(0);
    expect(drained.told.map(({ turn }) => turn)).toEqual([
      'approval-asked',
      'approved',
      'draining',
      'step-failed',
      'compensated',
      'released',
      'not-done',
    ]);
  });

  it('and that is paused by somebody who does not come back is undone when the target no longer lets traffic wait', async () => {
    const slow = {
      'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY);\nSELECT pg_sleep(1);\n',
    };
    const drained = await setup(slow, 'holdAtMost: 2s\n');
    const run = await drained.world.start();
    await run.approve();
    await run.until('the slow migration', running('apply-002'));
    await run.send('pause', { by: 'kim', reason: 'lunch' });
    const state = await run.ended();
    const clients = await drained.clients.stop();
    expect(state).toMatchObject({ outcome: 'rolled-back', held: false });
    expect(state.sentence).toMatch(/^nobody resumed the run in time, and traffic is held; everything was undone/);
    expect(clients.errors).toEqual([]);
    expect(await drained.consumerRuns()).toBe(true);
    expect(drained.told.map(({ turn }) => turn)).toContain('paused');
  });

  it('and whose undo fails keeps it held for a person, for as long as the target says', async () => {
    const broken = {
      'migrations/small/003_notes.up.sql': 'SELECT 1 / 0;\n',
      'migrations/small/002_items.down.sql': 'SELECT 1 / 0;\n',
    };
    const drained = await setup(broken, 'holdAtMost: 4s\n');
    const run = await drained.world.start();
    await run.approve();
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'undo-failed', held: true, heldUntil: expect.any(String) });
    expect(await drained.consumerRuns()).toBe(false);
    expect(drained.told.at(-1)?.text).toContain('Traffic stays away until');
    // The guard lets go when the time is over: nothing else is at work any more.
    await expect.poll(drained.consumerRuns, { timeout: 20_000 }).toBe(true);
    const clients = await drained.clients.stop();
    expect(clients.errors).toEqual([]);
  });
});

async function connectAs({ url }: TestDatabase, role: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: urlAs(url, role) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describe('a run whose traffic is made read-only', () => {
  it('lets reads go on, refuses writes while it works, and puts back exactly what was set', async () => {
    const database = await freshDatabase();
    const role = `teller_${database.name}`;
    await onCluster(`create role ${role} login password 'secret'`);
    await database.query(
      `create table public.counter (n int); insert into counter values (0); grant all on counter to ${role}`,
    );
    const slow = {
      'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY);\nSELECT pg_sleep(1.5);\n',
    };
    const target = `window: { drain: 300ms, drainTimeout: 10s }\ndrain: { kind: read-only, lease: 15s, endAfter: 1s, roles: [${role}] }\n`;
    const world = await makeWorld({ files: slow, target, servers: { database } });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', running('apply-002'));
    const teller = await connectAs(database, role);
    expect((await teller.query('select n from counter')).rows).toEqual([{ n: 0 }]);
    await expect(teller.query('update counter set n = 1')).rejects.toMatchObject({ code: '25006' });
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'done', held: false });
    const again = await connectAs(database, role);
    expect((await again.query('update counter set n = 1')).rowCount).toBe(1);
    await Promise.all([teller.end(), again.end()]);
    expect(
      await database.query(
        'select from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where r.rolname = $1',
        [role],
      ),
    ).toEqual([]);
    await database.drop();
    await onCluster(`drop role ${role}`);
  });
});
