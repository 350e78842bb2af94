/** The stack of one machine comes up, and goes down again whatever happens to the process that owns it. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { startApart } from '../../src/dev/apart-process.ts';
import { folderGone, noProcessNames, processesGone } from '../support/gone.ts';
import { type RunningCli, startCli } from '../support/processes.ts';

interface Ready {
  readonly postgres: number;
  readonly dataDir: string;
  readonly temporal: number;
  readonly url: string;
}

/** Every server of this file keeps its files here, so that what is left behind shows. */
const folder = mkdtempSync(join('/tmp', 'drydock-test-'));
chmodSync(folder, 0o711);
afterAll(() => {
  const left = readdirSync(folder).filter((name) => name.startsWith('drydock-'));
  rmSync(folder, { recursive: true });
  expect(left).toEqual([]);
});

/** The Temporal program of this run on the PATH: these tests are about processes, not about where programs come from. */
const env = { PATH: `${dirname(inject('temporal').program)}:${process.env.PATH}`, TMPDIR: folder };

function startOwner(extra: Record<string, string> = {}): RunningCli {
  return startCli(['test/support/stack-owner.ts'], { env: { ...env, ...extra } });
}

async function ready(owner: RunningCli): Promise<Ready> {
  const [, json] = await owner.until(/^\{"ready":(.*)\}$/m);
  return JSON.parse(json!) as Ready;
}

async function reaperOf(owner: RunningCli): Promise<number> {
  const [, pid] = await owner.until(/"reaper":(\d+)/);
  return Number(pid);
}

async function nothingIsLeft(owner: RunningCli, { postgres, temporal, dataDir }: Ready): Promise<void> {
  await processesGone([postgres, temporal, await reaperOf(owner)]);
  await folderGone(dirname(dataDir));
}

test('one interrupt, arriving twice as npm passes it on, ends everything in order', async () => {
  const owner = startOwner();
  const servers = await ready(owner);
  owner.child.kill('SIGINT');
  await owner.until(/"ending":\{"kind":"interrupted","interrupt":"SIGINT"\}/);
  owner.child.kill('SIGINT');
  const { code, stdout } = await owner.ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/"stopping":"in order"/);
  await nothingIsLeft(owner, servers);
});

test('two stacks run side by side, and each ends only its own', async () => {
  const [one, two] = [startOwner(), startOwner()];
  const [first, second] = await Promise.all([ready(one), ready(two)]);
  one.child.kill('SIGTERM');
  expect((await one.ended).code).toBe(143);
  await nothingIsLeft(one, first);
  const client = new pg.Client({ connectionString: second.url });
  await client.connect();
  expect((await client.query('select 1 as alive')).rows).toEqual([{ alive: 1 }]);
  await client.end();
  two.child.kill('SIGTERM');
  await two.ended;
  await nothingIsLeft(two, second);
});

test('kill -9 of the owner leaves no process and no folder behind, even when everything is told to end first', async () => {
  const owner = startOwner();
  const servers = await ready(owner);
  process.kill(await reaperOf(owner), 'SIGTERM');
  owner.child.kill('SIGKILL');
  await owner.ended;
  await nothingIsLeft(owner, servers);
});

test('kill -9 while the cluster is being made leaves nothing either', async () => {
  const owner = startOwner();
  const [, dataDir] = await owner.until(/making a cluster in (\S+?)"/);
  owner.child.kill('SIGKILL');
  await owner.ended;
  await processesGone([await reaperOf(owner)]);
  await noProcessNames(dataDir!);
  await folderGone(dirname(dataDir!));
});

test.each([
  ['before anything is there', /"reaper"/],
  ['while the cluster is being made', /making a cluster/],
  ['while Temporal starts', /Temporal: using/],
])('an interrupt %s ends what there is', async (_when, moment) => {
  const owner = startOwner();
  await owner.until(moment);
  owner.child.kill('SIGINT');
  expect((await owner.ended).code).toBe(130);
  await processesGone([await reaperOf(owner)]);
  await noProcessNames(`${folder}/drydock-`);
});

test('when a link of the chain that started it dies, everything ends in order', async () => {
  const owner = startOwnerBelowShell();
  const servers = await ready(owner);
  owner.child.kill('SIGKILL');
  await owner.ended;
  expect(owner.output().stdout).toMatch(
    /"ending":\{"kind":"parent-lost","parent":"sh -c .*"\}\}\n\{"stopping":"in order"\}/,
  );
  await nothingIsLeft(owner, servers);
});

test('servers that die on their own do not stand in the way of the end', async () => {
  const owner = startOwner();
  const servers = await ready(owner);
  process.kill(servers.temporal, 'SIGKILL');
  process.kill(servers.postgres, 'SIGKILL');
  await processesGone([servers.temporal, servers.postgres]);
  owner.child.kill('SIGTERM');
  expect((await owner.ended).code).toBe(143);
  await nothingIsLeft(owner, servers);
});

test('a child that lives apart is told from one that cannot be started', async () => {
  const home = mkdtempSync(join(tmpdir(), 'drydock-apart-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const plan = { args: ['-c', 'echo why; exit 4'], cwd: home, env: {}, reaper: undefined } as const;
  const output = { kind: 'file', path: join(home, 'log') } as const;
  expect(await startApart({ ...plan, program: '/bin/sh', output }).ended).toBe('why');
  expect(await startApart({ ...plan, program: '/nonexistent', output }).ended).toBe('spawn /nonexistent ENOENT');
});

/** As `npx` and `pnpm` do it: a shell in between that waits for the program. */
function startOwnerBelowShell(): RunningCli {
  const command = `"${process.execPath}" --import tsx test/support/stack-owner.ts; exit $?`;
  return startCli(['-c', command], { env, program: 'sh' });
}
