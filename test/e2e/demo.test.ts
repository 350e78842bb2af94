/** `pnpm demo` as a person or a CI job runs it, without a terminal: both runs, the proof, and nothing left behind. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { findPgDump } from '../../src/migrator/pg-dump.ts';
import { noProcessNames } from '../support/gone.ts';
import { type CliOptions, type RunningCli, startCli } from '../support/processes.ts';

const pgDump = await findPgDump(inject('postgres').binaries.major);

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Everything the demo starts has its folders below this one, so that what is left over can be told from others'. */
async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-demo-test-'));
  folders.push(folder);
  return folder;
}

/** Besides the cache that tsx keeps for itself. */
async function leftIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('tsx-'));
}

const BACKUPS = ['demo', 'demo-unseeded-core'].map(
  (target) =>
    `Backup of ${target}: .drydock/demo/backups/${target}/${target.replaceAll('-', '_')}-TIME.dump, SIZE by pg_dump VERSION, read to its end by pg_restore VERSION`,
);

function withoutMeasures(line: string): string {
  return line
    .replace(/-\d{8}T\d{9}Z/, '-TIME')
    .replace(/ [\d.]+ \S+ by /, ' SIZE by ')
    .replaceAll(/(pg_dump|pg_restore) \d+\.\d+/g, '$1 VERSION');
}

/** Where Debian has the programs of PostgreSQL besides the path. */
const INSTALLED = '/usr/lib/postgresql';
/** In a mount namespace of its own, which ends with the last process in it. */
const HIDE = ['-m', 'sh', '-c', `mount -t tmpfs none ${INSTALLED} && exec env PATH="$0" "$@"`];

/** Without the programs of the machine's PostgreSQL; undefined where this user may not hide them. */
async function startWithoutPgDump(
  args: readonly string[],
  env: NonNullable<CliOptions['env']>,
): Promise<RunningCli | undefined> {
  const path = (process.env.PATH ?? '')
    .split(':')
    .filter((entry) => entry.includes('node'))
    .join(':');
  if (!existsSync(INSTALLED)) return startCli(args, { env: { ...env, PATH: path } });
  const trial = startCli([...HIDE, path, process.execPath, '--version'], { program: 'unshare' });
  if ((await trial.ended.catch(() => undefined))?.code !== 0) return undefined;
  return startCli([...HIDE, path, process.execPath, '--import', 'tsx', ...args], { program: 'unshare', env });
}

describe('the demo', () => {
  it('carries the runbook out, then undoes a run that fails in validation and proves it', async () => {
    const folder = await scratch();
    const { stdout, code } = await startCli(['src/dev/demo.ts'], { env: { TMPDIR: folder, USER: 'kim' } }).ended;
    if (pgDump) {
      expect(stdout.match(/^Backup of .*$/gm)?.map(withoutMeasures)).toEqual(BACKUPS);
      const item = '✓ Logical backup of the last 4 hours, readable to its end: ';
      expect(stdout.split('\n').filter((line) => line.includes(item))).toEqual(
        ['demo', 'demo', 'demo_unseeded_core', 'demo_unseeded_core'].map((database) =>
          expect.stringMatching(
            new RegExp(
              `/${database}-\\w+\\.dump is .* old, whole, and of this database on this system, by its sidecar`,
            ),
          ),
        ),
      );
    }
    expect(stdout).toMatch(/^First run: {3}done; 9 migrations done, 5 validations passed$/m);
    expect(stdout).toMatch(
      /^Second run: {2}rolled-back; validation-failed: .*; everything was undone, the schema is as before$/m,
    );
    expect(stdout).toMatch(/^Fingerprint: before ([0-9a-f]{12}), after \1: equal, the schema is as it was$/m);
    expect(stdout).toContain('no one is asked (--yes, or no terminal): "kim" approves in 3 s');
    expect(stdout).toContain('The drain is shortened to 5 s here; the runbook asks for 5 minutes.');
    expect(code).toBe(0);
    await noProcessNames(folder);
    expect(await leftIn(folder)).toEqual([]);
  });

  it('without a pg_dump lets the backup item fail truthfully, and waives it by name', async ({ skip }) => {
    const folder = await scratch();
    const demo = await startWithoutPgDump(['src/dev/demo.ts'], { TMPDIR: folder, USER: 'kim' });
    if (demo === undefined) return skip(`the pg_dump in ${INSTALLED} cannot be hidden from a program by this user`);
    await demo.until(
      /^Backup of demo: none, because there is no pg_dump on this machine that can read the server \(found: no pg_dump; expected: pg_dump \d+ or newer\); its checklist item will fail, and can be waived by name$/m,
    );
    await demo.until(/✗ Logical backup of the last 4 hours, readable to its end/);
    await demo.until(/waived by kim: the demo has no backup to lose/);
    process.kill(demo.pid, 'SIGINT');
    const { code, stdout, stderr } = await demo.ended;
    expect(code, `${stdout}\n${stderr}`).toBe(130);
    await noProcessNames(folder);
    expect(await leftIn(folder)).toEqual([]);
  });

  it('leaves nothing behind when it is killed with -9 in the middle of a run', async () => {
    const folder = await scratch();
    const demo = startCli(['src/dev/demo.ts'], { env: { TMPDIR: folder } });
    await demo.until(/waiting for the approval/);
    process.kill(demo.pid, 'SIGKILL');
    await demo.ended;
    await noProcessNames(folder);
  });
});
