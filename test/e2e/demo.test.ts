/** `pnpm demo` as a person or a CI job runs it, without a terminal: both runs, the proof, and nothing left behind. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noProcessNames } from '../support/gone.ts';
import { startCli } from '../support/processes.ts';

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

describe('the demo', () => {
  it('carries the runbook out, then undoes a run that fails in validation and proves it', async () => {
    const folder = await scratch();
    const { stdout, code } = await startCli(['src/dev/demo.ts'], { env: { TMPDIR: folder, USER: 'kim' } }).ended;
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

  it('without a pg_dump lets the backup item fail truthfully, and waives it by name', async () => {
    const folder = await scratch();
    const path = (process.env.PATH ?? '')
      .split(':')
      .filter((entry) => entry.includes('node'))
      .join(':');
    const demo = startCli(['src/dev/demo.ts'], { env: { TMPDIR: folder, USER: 'kim', PATH: path } });
    await demo.until(/Backup: none, because there is no pg_dump on this machine/);
    await demo.until(/waived by kim: the demo has no backup to lose/);
    process.kill(demo.pid, 'SIGINT');
    expect((await demo.ended).code).toBe(130);
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
