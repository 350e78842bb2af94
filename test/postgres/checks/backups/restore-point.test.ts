/** The settings that a restore point names are put into a real recovery, which has to stop where it says. */
import {
  appendFileSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  recoverySettings,
  restorePointEvidence,
  restorePointName,
  restorePointSummary,
  writeRestorePoint,
} from '../../../../src/checks/backups/restore-point.ts';
import { reachableTmpdir, serverUser } from '../../../../src/dev/postgres/server-user.ts';
import { type PostgresServer, startPostgres } from '../../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../../src/dev/reaper/start-reaper.ts';
import { urlAs } from '../world.ts';

const RUN = '0199f0aa-0000-7000-8000-000000000001';

let reaper: Reaper;
let folder: string;
const servers: PostgresServer[] = [];
const clients: pg.Client[] = [];

beforeAll(() => {
  reaper = startReaper();
  folder = mkdtempSync(join(reachableTmpdir(serverUser()), 'drydock-recovery-'));
  const user = serverUser();
  if (user) chownSync(folder, user.uid, user.gid);
  reaper.guardFolder(folder, 'remove');
});
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => {});
  for (const server of servers.reverse()) await server.stop();
  await reaper.close();
});

async function start(settings: Record<string, string | number>, dataDir?: string): Promise<PostgresServer> {
  const server = await startPostgres({
    reaper,
    settings: { fsync: 'off', ...settings },
    ...(dataDir ? { dataDir } : {}),
  });
  servers.push(server);
  return server;
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  clients.push(client);
  await client.connect();
  return client;
}

describe('the restore point of a run', () => {
  let primary: PostgresServer;
  let admin: pg.Client;
  const archive = (): string => join(folder, 'archive');

  beforeAll(async () => {
    primary = await start({
      archive_mode: 'on',
      archive_command: `mkdir -p ${archive()} && cp %p ${archive()}/%f`,
    });
    admin = await connected(primary.superuserUrl);
  });

  it('is named after the run, in the length that PostgreSQL takes', async () => {
    expect(restorePointName('communication', RUN)).toBe(`drydock communication ${RUN}`);
    const long = restorePointName('a-runbook-with-quite-a-long-name', RUN);
    expect(long).toBe(`drydock a-runbook-with-qui ${RUN}`);
    expect(long).toHaveLength(63);
    expect((await writeRestorePoint(admin, long)).state).toBe('written');
  });

  it('is told with its position and the settings that come back to it', async () => {
    const name = restorePointName('harbour', RUN);
    const point = await writeRestorePoint(admin, name);
    expect(restorePointSummary(point)).toBe(`restore point "${name}" at ${point.lsn} on timeline 1`);
    expect(restorePointEvidence(point, 1)).toEqual([
      { name: 'restore point', value: name },
      { name: 'LSN', value: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) },
      { name: 'timeline', value: '1' },
      { name: 'at', value: expect.stringMatching(/^\S+Z$/) },
      {
        name: 'to come back to it',
        value: [
          `a base backup from before ${point.at}, the WAL since, recovery.signal, and in postgresql.conf:`,
          `recovery_target_name = '${name}'`,
          "recovery_target_timeline = '1'",
          "recovery_target_action = 'pause'",
        ].join('\n'),
      },
    ]);
    const again = await writeRestorePoint(admin, name);
    expect(restorePointEvidence(again, 2)[1]).toEqual({
      name: 'written before',
      value:
        'perhaps: an earlier try of this step may have written the same name. A recovery stops at the first of that name; nothing was changed between them',
    });
  });

  it('is where a recovery with these settings stops, also by the position alone', async () => {
    await admin.query('create table kept (n int)');
    const base = await copyOf(primary, admin);
    await admin.query('insert into kept values (1)');
    const point = await writeRestorePoint(admin, restorePointName('harbour', `${RUN.slice(0, -1)}2`));
    const plain = await asPlainRole();
    const position = await writeRestorePoint(plain, 'not written');
    await admin.query('insert into kept values (2)');
    await admin.query('select pg_switch_wal()');
    for (const one of [point, position]) {
      const recovered = await recover(base, recoverySettings(one)!);
      expect((await recovered.query('select n from kept order by n')).rows).toEqual([{ n: 1 }]);
      expect((await recovered.query('select pg_is_in_recovery() as it')).rows).toEqual([{ it: true }]);
    }
  });

  it('is told as a position alone by a role that may not write one, which right is missing, and does not fail', async () => {
    const point = await writeRestorePoint(await asPlainRole(), 'not written');
    expect(restorePointSummary(point)).toBe(`no restore point; the WAL is at ${point.lsn} on timeline 1`);
    expect(restorePointEvidence(point, 1)[0]).toEqual({
      name: 'restore point',
      value:
        'none: point_role may not write one; GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO point_role allows it',
    });
    expect(recoverySettings(point)).toEqual([
      `recovery_target_lsn = '${point.lsn}'`,
      'recovery_target_inclusive = off',
      "recovery_target_timeline = '1'",
      "recovery_target_action = 'pause'",
    ]);
  });

  it('is told as a position without a way back where the server writes too little WAL', async () => {
    const server = await start({ wal_level: 'minimal', max_wal_senders: 0 });
    const client = await connected(server.superuserUrl);
    const evidence = restorePointEvidence(await writeRestorePoint(client, 'not written'), 1);
    expect(evidence[0]?.value).toBe('none: wal_level is minimal');
    expect(evidence.at(-1)?.value).toBe('not by WAL: wal_level is minimal, which is not enough to archive it');
  });

  async function asPlainRole(): Promise<pg.Client> {
    await admin.query(`
      do $$ begin create role point_role login password 'secret'; exception when duplicate_object then null; end $$`);
    return connected(urlAs(primary.superuserUrl, 'point_role'));
  }

  async function recover(base: string, settings: readonly string[]): Promise<pg.Client> {
    const dataDir = mkdtempSync(join(folder, 'recovered-'));
    cpSync(base, dataDir, { recursive: true, preserveTimestamps: true });
    appendFileSync(
      join(dataDir, 'postgresql.auto.conf'),
      [...settings, `restore_command = 'cp ${archive()}/%f %p'`, "archive_mode = 'off'", ''].join('\n'),
    );
    writeFileSync(join(dataDir, 'recovery.signal'), '');
    own(dataDir);
    const server = await start({}, dataDir);
    const client = await connected(server.superuserUrl);
    const paused = async () => (await client.query('select pg_get_wal_replay_pause_state() as it')).rows[0].it;
    await expect.poll(paused, { timeout: 30_000 }).toBe('paused');
    return client;
  }
});

/** A base backup, file by file. */
async function copyOf(primary: PostgresServer, admin: pg.Client): Promise<string> {
  const base = mkdtempSync(join(folder, 'base-'));
  const before15 = primary.binaries.major < 15;
  await admin.query(before15 ? `select pg_start_backup('base', true, false)` : `select pg_backup_start('base', true)`);
  cpSync(primary.dataDir, base, {
    recursive: true,
    filter: (source) => !/postmaster\.|\/pg_wal\/./.test(source.slice(primary.dataDir.length)),
  });
  const stop = before15 ? 'select labelfile from pg_stop_backup(false)' : 'select labelfile from pg_backup_stop(false)';
  writeFileSync(join(base, 'backup_label'), (await admin.query(stop)).rows[0].labelfile);
  expect(readFileSync(join(base, 'backup_label'), 'utf8')).toContain('START WAL LOCATION');
  return base;
}

/** To the user that the server runs as, as what was copied by root is root's. */
function own(path: string): void {
  const user = serverUser();
  if (!user) return;
  chownSync(path, user.uid, user.gid);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) own(join(path, name));
}
