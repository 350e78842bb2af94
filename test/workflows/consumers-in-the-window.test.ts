/** Whole runs whose consumers, or whose definition of them, change while the run is at work. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Handle, makeWorld, type World } from '../support/world.ts';
import { statuses } from './run-states.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const PROGRAM = `#!/bin/sh
cd "$(dirname "$0")"
case "$1" in
  status) cat state ;;
  pause) echo stopped > state ;;
  resume) echo running > state ;;
esac
`;

/** Long enough for somebody to do something meanwhile. */
const SLOW = {
  'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY);\nSELECT pg_sleep(2);\n',
};

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-consumers-'));
  folders.push(folder);
  const control = join(folder, 'control');
  await writeFile(control, PROGRAM);
  await chmod(control, 0o755);
  const become = (state: string) => writeFile(join(folder, 'state'), `${state}\n`);
  await become('running');
  const consumers = `consumers:\n  - { name: mailer, kind: command, timeout: 5s, pause: ["${control}", pause], resume: ["${control}", resume], status: ["${control}", status] }\n`;
  const world = await makeWorld({ files: SLOW, target: consumers });
  const state = async () => (await readFile(join(folder, 'state'), 'utf8')).trim();
  return { world, become, state };
}

/** The slow migration is at work: what is looked at before it has been. */
async function untilAsleep({ database }: World): Promise<void> {
  const asleep = () =>
    database.query(`select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`);
  await expect.poll(asleep, { timeout: 20_000, interval: 20 }).toHaveLength(1);
}

async function failingActivities({ workflow }: Handle): Promise<string[]> {
  const { raw } = await workflow.describe();
  return (raw.pendingActivities ?? []).flatMap(({ lastFailure }) => lastFailure?.message ?? []);
}

describe('a consumer that somebody starts in the window', () => {
  it('holds up the next migration until it has been stopped again, and is resumed at the end', async () => {
    const { world, become, state } = await setup();
    const run = await world.start();
    await run.approve();
    await untilAsleep(world);
    await become('running');
    await expect
      .poll(() => failingActivities(run), { timeout: 20_000 })
      .toContain('consumer-not-stopped: mailer had stopped, and no longer says so');
    expect(statuses(await run.state(), 'execution')).toContain('apply-003 running');
    await become('stopped');
    expect(await run.ended()).toMatchObject({ outcome: 'done', held: false });
    expect(await state()).toBe('running');
  });
});

describe('a drydock.yaml that is changed in the window', () => {
  it('changes nothing of what is held: the consumer is resumed as it was approved', async () => {
    const { world, state } = await setup();
    const run = await world.start();
    await run.approve();
    await untilAsleep(world);
    expect(await state()).toBe('stopped');
    const targets = await readFile(join(world.root, 'drydock.yaml'), 'utf8');
    await world.write('drydock.yaml', targets.slice(0, targets.indexOf('    consumers:')));
    const ended = await run.ended();
    expect(ended).toMatchObject({ outcome: 'done', held: false, sentence: '3 migrations done, 1 validation passed' });
    expect(statuses(ended, 'release')).toContain('resume-mailer passed');
    expect(await state()).toBe('running');
  });
});
