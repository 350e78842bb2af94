/** `backup` as a person calls it: a dump of a real database, by a real pg_dump, in processes of its own. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { checkLogicalBackup } from '../../src/checks/backups/prove-backup.ts';
import type { TakenDump } from '../../src/model/dump.ts';
import { CAN_DUMP, LOGICAL, WITHOUT_DUMP } from '../postgres/checks/backups/world.ts';
import { RUNBOOK, TARGET } from '../postgres/checks/world.ts';
import { freshDatabase } from '../support/postgres.ts';
import { runCli, startCli } from '../support/processes.ts';

const DRYDOCK = 'src/cli/drydock.ts';

beforeEach(({ skip }) => skip(!CAN_DUMP, WITHOUT_DUMP));

async function setup(target = '') {
  const root = await mkdtemp(join(tmpdir(), 'drydock-backup-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const database = await freshDatabase();
  await database.query('create table a as select n from generate_series(1, 1000) n');
  const targets = `version: 1\ntargets:\n  shop:\n    environment: test\n    url: { env: SHOP_URL }\n${target}`;
  await writeFile(join(root, 'drydock.yaml'), targets);
  const env = { DRYDOCK_ROOT: root, SHOP_URL: database.url, USER: 'kim' };
  const backup = (...args: string[]) => runCli([DRYDOCK, 'backup', ...args], { env });
  return { root, database, env, backup };
}

const filesIn = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);

/** What differs from dump to dump, replaced by what it is. */
function steady(text: string, root: string): string {
  return text
    .replaceAll(root, 'ROOT')
    .replaceAll(/\d{8}T\d{9}Z/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'MOMENT')
    .replaceAll(/\btest_\w{12}/g, 'DATABASE')
    .replaceAll(/postgres@127\.0\.0\.1:\d+/g, 'SERVER')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replaceAll(/[0-9A-F]+\/[0-9A-F]{6,}/g, 'LSN')
    .replaceAll(/\b\d+(\.\d+)? m?s\b/g, 'DURATION')
    .replaceAll(/\d+(\.\d+)? kB/g, 'SIZE')
    .replaceAll(/(oid|system) \d+/g, '$1 NUMBER')
    .replaceAll(/(pg_dump|pg_restore) \d+\.\d+/g, '$1 VERSION');
}

describe('drydock backup', () => {
  it('dumps the database of a target into its directory, without being told of migrations', async () => {
    const { root, database, backup } = await setup('    backups: { dumpDirectory: kept }\n    runbooks: [shop]\n');
    const { code, stdout, stderr } = await backup('--target', 'shop');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(steady(stdout, root)).toBe(`dumping SERVER/DATABASE by pg_dump VERSION to ROOT/kept/DATABASE-TIME.dump
reading SIZE to the end
ROOT/kept/DATABASE-TIME.dump: SIZE in DURATION, by pg_dump VERSION
  of:      database DATABASE (oid NUMBER), system NUMBER
  holds:   what was committed before MOMENT, WAL position LSN
  proven:  read to its end by pg_restore VERSION
  sha256:  DIGEST
`);
    const target = { ...TARGET, backups: { archives: [], dumpDirectory: 'kept' } };
    const outcome = await checkLogicalBackup({ url: database.url, root, target, runbook: RUNBOOK }, LOGICAL);
    expect(outcome.summary).toMatch(/, and of this database on this system, by its sidecar$/);
  });

  it('prints one document with --json, and writes where it is told', async () => {
    const { root, database, backup } = await setup();
    const { code, stdout, stderr } = await backup('--url', database.url, '--into', join(root, 'here'), '--json');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^dumping .*\nreading .* to the end\n$/);
    const taken = JSON.parse(stdout) as TakenDump;
    expect((await filesIn(join(root, 'here'))).map((name) => join(root, 'here', name)).sort()).toEqual([
      taken.file,
      taken.sidecarFile,
    ]);
    expect(JSON.parse(await readFile(taken.sidecarFile, 'utf8'))).toEqual(taken.sidecar);
  });

  it('says what is missing where no database is named, with 2', async () => {
    const { backup } = await setup();
    const { code, stdout, stderr } = await backup();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^database-url-missing: no database was named\n/);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves nothing under the name of a dump when it gets %s', async (signal) => {
    const { root, database, env, backup } = await setup('    backups: { dumpDirectory: kept }\n');
    const holder = await database.connect();
    await holder.query('begin; lock table a in access exclusive mode');
    const running = startCli([DRYDOCK, 'backup', '--target', 'shop'], { env });
    const dumps = async () =>
      (await database.query(`select pid from pg_stat_activity where application_name like 'drydock:dump:kim@%'`))
        .length;
    await expect.poll(dumps, { timeout: 20_000 }).toBe(1);
    running.child.kill(signal);
    const { code, stderr } = await running.ended;
    expect(code).toBe(signal === 'SIGINT' ? 1 : null);
    if (signal === 'SIGINT')
      expect(stderr).toBe(
        `stopping …\ninterrupted: the dump was interrupted; nothing was kept of it\n  next:       run pnpm tsx src/cli/drydock.ts backup --target shop again\n`,
      );
    const left = await filesIn(join(root, 'kept'));
    expect(left.filter((name) => !name.startsWith('.'))).toEqual([]);
    // What a killed one has started is known by its name, and can be ended.
    if (signal === 'SIGKILL')
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'drydock:dump:%'`,
      );
    await expect.poll(dumps, { timeout: 10_000 }).toBe(0);
    await holder.query('rollback');
    expect((await backup('--target', 'shop')).code).toBe(0);
    expect(await filesIn(join(root, 'kept'))).toEqual([
      expect.stringMatching(/^test_\w+-\w+\.dump$/),
      expect.stringMatching(/^test_\w+-\w+\.dump\.drydock\.json$/),
    ]);
  });
});
