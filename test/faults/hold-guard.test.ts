/** Traffic that is held comes back by itself, whoever dies: proven with a real pooler, real processes that are killed, and clients that count. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { endLease, extendLease } from '../../src/drain/lease/lease.ts';
import { letGoOfAll } from '../../src/drain/let-go-of-all.ts';
import { pgbouncer } from '../../src/drain/pgbouncer/pgbouncer.ts';
import { secretsOf } from '../../src/guard/charge.ts';
import { ensureGuard, guardDirectory } from '../../src/guard/start-guard.ts';
import { watchHold } from '../../src/guard/watch-hold.ts';
import { RUNBOOK } from '../postgres/checks/world.ts';
import { type PoolerWorld, poolerWorld, startClients } from '../postgres/drain/pooler-world.ts';
import { problemOf, until } from '../postgres/migrator/world.ts';
import { processesGone } from '../support/gone.ts';
import type { HoldOrder } from '../support/hold-process.ts';
import { WITHOUT_POOLER } from '../support/pooler.ts';
import { databaseAt } from '../support/postgres.ts';
import { type RunningCli, startCli } from '../support/processes.ts';
import { startAgain } from '../support/start-again.ts';

// Long enough for a holder that a busy machine keeps from renewing for seconds.
const LEASE_MS = 8_000;
const DRAIN = { leaseMs: LEASE_MS, queryWaitTimeout: 'lift' } as const;
const SETTINGS = 'pool_mode = transaction\nquery_wait_timeout = 3';

const reaper = startReaper();
const roots: string[] = [];
afterAll(async () => {
  await reaper.close();
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

async function newRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-guard-'));
  roots.push(root);
  return root;
}

async function setup() {
  return { world: await poolerWorld({ settings: SETTINGS, drain: DRAIN }), root: await newRoot() };
}

function ownerOf({ context, target }: PoolerWorld, token = '1') {
  return { ...context(token).owner, namespace: 'default', target: target.name };
}

/** A process that holds; resolves with the pid of its guard when traffic is away. */
async function startHolder(world: PoolerWorld, root: string): Promise<{ holder: RunningCli; guard: number }> {
  const { target, secrets, database } = world;
  const order: HoldOrder = {
    url: database.url,
    root,
    target,
    secrets,
    runbook: RUNBOOK,
    owner: ownerOf(world),
    leaseMs: LEASE_MS,
  };
  const holder = startCli(['test/support/hold-process.ts'], { input: JSON.stringify(order) });
  const [, pid] = await holder.until(/^guard (\d+)$/m);
  await holder.until(/^held$/m);
  return { holder, guard: Number(pid) };
}

async function guardLog(root: string): Promise<string> {
  const [file] = await readdir(guardDirectory(root));
  const text = await readFile(path.join(guardDirectory(root), file!), 'utf8');
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
}

describe.skipIf(WITHOUT_POOLER)(`a guard${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it('lets traffic go within seconds of the end of the lease when the holder is killed with -9, and clients meet no error', async () => {
    const { world, root } = await setup();
    const pooler = world.poolers[0]!;
    const clients = startClients(pooler.url, 20);
    await until(() => clients.queries() > 100);
    const { holder, guard } = await startHolder(world, root);
    // The guard sees renewals: nothing is let go while the holder lives.
    await sleep(LEASE_MS * 1.5);
    expect([await world.isPaused(), (await world.lease())?.state]).toEqual([true, 'held']);
    process.kill(holder.pid, 'SIGKILL');
    await holder.ended;
    const killedAt = performance.now();
    const before = clients.queries();
    await until(() => clients.queries() > before);
    const awayMs = performance.now() - killedAt;
    expect(awayMs).toBeLessThan(LEASE_MS + 5_000);
    await processesGone([guard]);
    const { errors } = await clients.stop();
    expect(errors).toEqual([]);
    expect([await world.isPaused(), await world.setting('query_wait_timeout'), await world.noted()]).toEqual([
      false,
      '3',
      [],
    ]);
    expect(await world.lease()).toMatchObject({ state: 'ended', letGoBy: 'guard' });
    expect(await guardLog(root)).toBe(
      [
        '<time> watching the hold of harbour/test, run run-1, on test',
        '<time> the lease ran out at <time>: letting go',
        `<time> pooler-1: ${pooler.name} resumed, query_wait_timeout = 3, client_login_timeout = 60`,
        '<time> everything is let go',
        '<time> nothing is left to guard: let go by guard',
        '',
      ].join('\n'),
    );
    // The late one, should it wake up: it holds nothing any more.
    expect(await problemOf(world.take('1'))).toMatchObject({ code: 'hold-lost' });
    expect(await problemOf(pgbouncer.hold(world.context('1')))).toMatchObject({ code: 'hold-lost' });
    expect(await world.isPaused()).toBe(false);
  });

  it('has neither URL nor secret on its command line or in its environment', async () => {
    const { world, root } = await setup();
    await world.take('1', LEASE_MS);
    const pid = await ensureGuard({ ...world.letGoContext, root, owner: ownerOf(world) });
    const shown = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    for (const text of shown) {
      expect(text).not.toContain(world.poolers[0]!.adminUrl);
      expect(text).not.toContain(world.database.name);
    }
    expect(await ensureGuard({ ...world.letGoContext, root, owner: ownerOf(world) })).toBe(pid);
    const client = await world.database.connect();
    await endLease(client, ownerOf(world), 'run');
    await processesGone([pid]);
    expect(await guardLog(root)).toMatch(/nothing is left to guard: let go by run\n$/);
  });

  it('goes by its own clock when the database is gone: clients go through again, and the notes are seen to when it is back', async () => {
    const first = await startPostgres({ reaper, settings: { fsync: 'off' } });
    const database = databaseAt(await first.createDatabase('guarded'));
    const world = await poolerWorld({ settings: SETTINGS, drain: DRAIN, database });
    const root = await newRoot();
    const { holder, guard } = await startHolder(world, root);
    await sleep(LEASE_MS / 2);
    process.kill(holder.pid, 'SIGKILL');
    process.kill(first.pid, 'SIGQUIT');
    await until(async () => !(await world.isPaused()));
    await until(async () => (await world.setting('query_wait_timeout')) === '3');
    const again = await startAgain({ reaper, dataDir: first.dataDir, port: first.port });
    await processesGone([guard]);
    const after = databaseAt(database.url);
    expect(await after.query('select let_go_by, ended_at is not null as ended from drydock.holds')).toEqual([
      { let_go_by: 'guard', ended: true },
    ]);
    expect(await after.query('select from drydock.held_things')).toEqual([]);
    const log = await guardLog(root);
    expect(log).toContain('the database does not answer: ');
    expect(log).toContain('the lease ran out, by the clock of this machine: letting go');
    await after.drop();
    await database.drop();
    await again.stop();
    await first.stop();
  });

  it('keeps what waits for a person until its time is over', async () => {
    const { world, root } = await setup();
    await world.take('1', LEASE_MS);
    const pid = await ensureGuard({ ...world.letGoContext, root, owner: ownerOf(world) });
    await pgbouncer.hold(world.context());
    await extendLease(await world.database.connect(), ownerOf(world), LEASE_MS * 2);
    await sleep(LEASE_MS * 1.4);
    expect(await world.isPaused()).toBe(true);
    await processesGone([pid]);
    expect([await world.isPaused(), (await world.lease())?.letGoBy]).toEqual([false, 'guard']);
  });

  it('tries again what it could not let go of', async () => {
    const { world, root } = await setup();
    await world.take('1', LEASE_MS);
    const pid = await ensureGuard({ ...world.letGoContext, root, owner: ownerOf(world) });
    await pgbouncer.hold(world.context());
    // Frozen: it accepts connections and answers nothing.
    world.poolers[0]!.signal('SIGSTOP');
    await until(async () => (await guardLog(root)).includes('pooler pooler-1 is still held: pooler-unreachable'));
    expect((await world.lease())?.state).toBe('letting-go');
    world.poolers[0]!.signal('SIGCONT');
    await processesGone([pid]);
    expect([await world.isPaused(), (await world.lease())?.state]).toEqual([false, 'ended']);
  });

  it('two of them and somebody at a terminal let go at once: each thing is put back once, and none fails', async () => {
    const { world, root } = await setup();
    await world.take('1', 1_000);
    await pgbouncer.hold(world.context());
    const { target, url } = world.letGoContext;
    const charge = {
      target,
      url,
      owner: ownerOf(world),
      secrets: await secretsOf(target, world.letGoContext.secret),
      logFile: path.join(root, 'unused'),
    };
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const client = await world.database.connect();
    await sleep(1_000);
    const [, , report] = await Promise.all([
      watchHold(charge, { log, onWatching: () => undefined }),
      watchHold(charge, { log, onWatching: () => undefined }),
      letGoOfAll(world.letGoContext, client, { owner: ownerOf(world), by: 'command', when: 'at-once' }),
    ]);
    expect(report).toMatchObject({ kind: 'let-go', failed: [] });
    expect(lines.filter((line) => line.includes('still held'))).toEqual([]);
    expect([...lines, ...report.done].filter((line) => line.includes('resumed'))).toHaveLength(1);
    expect([await world.isPaused(), await world.setting('query_wait_timeout'), await world.noted()]).toEqual([
      false,
      '3',
      [],
    ]);
  });
});
