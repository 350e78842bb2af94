import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { findDumpPrograms } from '../../../../src/checks/backups/dump/dump-programs.ts';
import { type DumpPlan, type DumpProgress, takeDump } from '../../../../src/checks/backups/dump/take-dump.ts';
import { checkLogicalBackup, checkPitrBackup } from '../../../../src/checks/backups/prove-backup.ts';
import { describeRunningDump, runningDumps } from '../../../../src/checks/backups/running-dumps.ts';
import { sampleQuiet } from '../../../../src/checks/quiet-sample.ts';
import { onCluster } from '../../../support/postgres.ts';
import { problemOf } from '../../../support/problem-of.ts';
import { RUNBOOK, TARGET, urlAs } from '../world.ts';
import { type BackupWorld, CAN_DUMP, LOGICAL, PITR, setupBackups, WITHOUT_DUMP } from './world.ts';

let world: BackupWorld;

beforeEach(({ skip }) => skip(!CAN_DUMP, WITHOUT_DUMP));
beforeAll(async () => {
  world = await setupBackups();
});

function planFor(folder: string, more: Partial<DumpPlan> = {}): DumpPlan {
  const directory = path.join(world.root, folder);
  return { url: world.database.url, directory, who: 'kim@test', onProgress: () => {}, ...more };
}

/** Everything that is there, hidden or not. */
const filesIn = (folder: string): Promise<string[]> => readdir(path.join(world.root, folder)).catch(() => []);

/** A dump that stands behind a lock of somebody's, and the means to let it go on. */
async function heldDump(folder: string, more: Partial<DumpPlan> = {}) {
  const holder = await world.database.connect();
  await holder.query('begin; lock table a in access exclusive mode');
  const taking = takeDump(planFor(folder, more));
  taking.catch(() => {});
  const client = await world.database.connect();
  const running = async () => (await runningDumps(client)).length;
  await expect.poll(running, { timeout: 10_000 }).toBe(1);
  const letGo = () => holder.query('rollback');
  onTestFinished(async () => void (await letGo()));
  return { taking, client, letGo };
}

describe('a dump that Drydock takes', () => {
  it('stands under its own name, for its owner only, with a sidecar, once it is read to its end', async () => {
    const told: DumpProgress[] = [];
    const taken = await takeDump(planFor('whole', { onProgress: (progress) => told.push(progress) }));
    const name = path.basename(taken.file);
    expect(name).toMatch(/^test_\w+-\d{8}T\d{9}Z\.dump$/);
    expect((await filesIn('whole')).sort()).toEqual([name, `${name}.drydock.json`]);
    expect(taken.sidecar).toEqual({
      format: 1,
      file: name,
      bytes: (await stat(taken.file)).size,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      systemIdentifier: world.systemIdentifier,
      timeline: 1,
      database: { name: world.database.name, oid: world.oid },
      serverVersion: expect.any(Number),
      lsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
      dumpedBy: expect.stringMatching(/^pg_dump \d+\.\d+$/),
      readBy: expect.stringMatching(/^pg_restore \d+\.\d+$/),
    });
    expect(JSON.parse(await readFile(taken.sidecarFile, 'utf8'))).toEqual(taken.sidecar);
    for (const file of [taken.file, taken.sidecarFile]) expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(told.filter(({ kind }) => kind !== 'writing')).toEqual([
      {
        kind: 'began',
        database: expect.stringMatching(/^postgres@127\.0\.0\.1:\d+\/test_\w+$/),
        program: taken.sidecar.dumpedBy,
        file: taken.file,
      },
      { kind: 'reading', bytes: taken.sidecar.bytes },
    ]);
  });

  it('leaves nothing when it is interrupted, and pg_dump is gone', async () => {
    const stop = new AbortController();
    const { taking, client } = await heldDump('interrupted', { signal: stop.signal });
    stop.abort();
    expect((await problemOf(taking)).code).toBe('interrupted');
    expect(await filesIn('interrupted')).toEqual([]);
    await expect.poll(async () => (await runningDumps(client)).length, { timeout: 10_000 }).toBe(0);
  });

  it('leaves nothing when the role may not read everything, and says what was refused', async () => {
    await onCluster(`create role dump_reader login password 'secret'`);
    onTestFinished(() => onCluster('drop role dump_reader'));
    const url = urlAs(world.database.url, 'dump_reader');
    expect(await problemOf(takeDump(planFor('refused', { url })))).toEqual({
      retry: 'stop',
      code: 'dump-failed',
      message: 'the dump could not be taken; nothing was kept of it',
      found: 'pg_dump: error: query failed: ERROR:  permission denied for table a',
      next: 'take it as a role that may read everything (GRANT pg_read_all_data TO …, BYPASSRLS, or the owner), by the same command again',
    });
    expect(await filesIn('refused')).toEqual([]);
  });

  it('is refused where its directory cannot be made', async () => {
    await world.write('file', 'in the way');
    expect(await problemOf(takeDump(planFor('file/below')))).toEqual({
      retry: 'stop',
      code: 'dump-not-written',
      message: 'the dump could not be written; nothing was kept of it',
      found: expect.stringMatching(/^ENOTDIR: /),
      expected: `room and the right to write in ${path.join(world.root, 'file/below')}`,
      next: 'make room there, or name another directory with --into',
    });
  });

  it('is refused where no pg_dump fits the server', async () => {
    expect(await problemOf(findDumpPrograms(990_000))).toEqual({
      retry: 'stop',
      code: 'pg-dump-missing',
      message: 'there is no pg_dump on this machine that can read the server',
      found: expect.stringMatching(/^(no pg_dump|pg_dump \S+, which refuses a newer server)$/),
      expected: 'pg_dump 99 or newer',
      next: 'install the PostgreSQL 99 client programs (Debian: postgresql-client-99), then run the same command again',
    });
  });

  it('is known by its name, is no foreign traffic, and fails the items about backups while it runs', async () => {
    const named = `${world.database.url}?application_name=nightly`;
    const { taking, client, letGo } = await heldDump('running', { url: named });
    const [dump] = await runningDumps(client);
    expect(describeRunningDump(dump!)).toMatch(/^pid \d+ \(drydock:dump:kim@test\), since \S+Z, for .*s$/);
    const { offenders } = await sampleQuiet(client, { schemas: ['public'], alsoTables: [], longTransactionMs: 0 });
    expect(offenders.map(({ application }) => application)).not.toContain('drydock:dump:kim@test');
    await world.dump('nightly/a.dump', world.database, '--format=custom', '--exclude-table=a');
    const asked = world.asked({ archives: ['nightly/*'] });
    expect((await checkLogicalBackup(asked, LOGICAL)).problem).toEqual({
      retry: 'stop',
      code: 'dump-still-running',
      message: 'a dump of ours is still running: migrations would wait for it',
      found: expect.stringMatching(/^pid \d+ \(drydock:dump:kim@test\), since /),
      expected: 'no dump of this database under way',
      next: `wait for it and retry this item; where it was left behind: SELECT pg_terminate_backend(${dump!.pid})`,
    });
    await letGo();
    await taking;
    expect((await checkLogicalBackup(asked, LOGICAL)).status).toBe('passed');
  });

  it('is told by one item of a checklist only', async () => {
    const { taking, letGo } = await heldDump('once');
    const provider = {
      kind: 'command',
      name: 'always',
      proves: 'pitr',
      run: ['echo', JSON.stringify({ backups: [{ kind: 'pitr', finishedAt: new Date().toISOString() }] })],
      timeoutMs: 5_000,
    } as const;
    const target = { ...TARGET, backups: { archives: [], providers: [provider] } };
    const context = world.context(world.database.url, { target });
    expect((await checkPitrBackup(context, PITR)).problem?.code).toBe('dump-still-running');
    const item = { id: 'dumps', title: 'Dumps', spec: LOGICAL, waivable: false };
    const runbook = { ...RUNBOOK, checklist: [item] };
    expect((await checkPitrBackup({ ...context, runbook }, PITR)).status).toBe('passed');
    await letGo();
    await taking;
  });
});
