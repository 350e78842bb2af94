/** Runs whose end meets trouble: what cannot be let go of keeps nothing else waiting, is told, and is let go of when that works again. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeWorld } from '../support/world.ts';
import { running, statuses } from './run-states.ts';

const NOTES = 'CREATE TABLE app.notes (id bigint PRIMARY KEY, item_id bigint REFERENCES app.items);\n';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Two consumers behind one program; `stuck` is resumed first, and cannot be for as long as its file says so. */
const PROGRAM = `#!/bin/sh
cd "$(dirname "$0")"
case "$1" in
  status) cat "$2" ;;
  pause) echo stopped > "$2" ;;
  resume) test ! -e "$2.broken" || { echo "not today" >&2; exit 1; }; echo running > "$2" ;;
esac
`;

const consumer = (folder: string, name: string): string =>
  `  - { name: ${name}, kind: command, timeout: 2s, pause: ["${folder}/control", pause, ${name}], resume: ["${folder}/control", resume, ${name}], status: ["${folder}/control", status, ${name}] }\n`;

async function setup(files: Readonly<Record<string, string>> = {}, members = '') {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-consumers-'));
  folders.push(folder);
  await writeFile(join(folder, 'control'), PROGRAM);
  await chmod(join(folder, 'control'), 0o755);
  await writeFile(join(folder, 'tell'), '#!/bin/sh\ncat >> "$(dirname "$0")/told"\n');
  await chmod(join(folder, 'tell'), 0o755);
  for (const name of ['free', 'stuck']) await writeFile(join(folder, name), 'running\n');
  const world = await makeWorld({
    files,
    target: `consumers:\n${consumer(folder, 'free')}${consumer(folder, 'stuck')}notify: [{ name: ops, kind: command, run: ["${folder}/tell"], on: [step-failed] }]\n${members}`,
  });
  return {
    world,
    state: async (name: string) => (await readFile(join(folder, name), 'utf8')).trim(),
    break: (name: string) => writeFile(join(folder, `${name}.broken`), ''),
    mend: (name: string) => rm(join(folder, `${name}.broken`)),
    told: async () => (await readFile(join(folder, 'told'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
  };
}

describe('a run whose consumer cannot be resumed', () => {
  it('resumes the others meanwhile, tells people, and ends when it can be', async () => {
    const trial = await setup();
    await trial.break('stuck');
    const run = await trial.world.start();
    await run.approve();
    await run.until('the others are resumed', (state) => statuses(state, 'release').includes('resume-free passed'));
    expect(await trial.state('free')).toBe('running');
    expect(await trial.state('stuck')).toBe('stopped');
    await expect.poll(trial.told, { timeout: 10_000 }).toHaveLength(1);
    expect(JSON.parse((await trial.told())[0]!).text).toBe(
      `run small on ${trial.world.target} (test): "Resume stuck" failed: consumer-command-failed: a command of stuck failed. The run goes on; a person should look.`,
    );
    await trial.mend('stuck');
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'done', sentence: '3 migrations done, 1 validation passed' });
    expect(statuses(state, 'release')).toEqual([
      'analyze passed',
      'release passed',
      'resume-stuck passed',
      'resume-free passed',
      'drop-claim passed',
    ]);
    expect(await trial.state('stuck')).toBe('running');
  });
});

const REFUSE_RENEWALS = `
  create sequence public.refused;
  create function public.refuse() returns trigger language plpgsql as
    $$ begin perform nextval('public.refused'); raise exception 'no renewal now'; end $$;
  create trigger refuse before update on drydock.holds for each row execute function public.refuse();`;

describe('a run whose lease cannot be renewed for a moment', () => {
  it('goes on: the lease still runs', async () => {
    const trial = await setup({ 'migrations/small/003_notes.up.sql': `${NOTES}SELECT pg_sleep(14);\n` });
    const { database } = trial.world;
    const run = await trial.world.start();
    await run.approve();
    await run.until('the long migration', running('apply-003'));
    await database.query(REFUSE_RENEWALS);
    const refused = async () => (await database.query('select from public.refused where is_called')).length;
    await expect.poll(refused, { timeout: 20_000 }).toBe(1);
    await database.query('drop trigger refuse on drydock.holds');
    expect(await run.ended()).toMatchObject({ outcome: 'done' });
  });
});

describe('a run that should keep traffic away for a person, and cannot', () => {
  it('lets it back in itself', async () => {
    const trial = await setup({
      'migrations/small/003_notes.up.sql': 'SELECT pg_sleep(1);\nSELECT 1 / 0;\n',
      'migrations/small/002_items.down.sql': 'SELECT pg_sleep(2);\nSELECT 1 / 0;\n',
    });
    const run = await trial.world.start();
    await run.approve();
    await run.until('the undo', running('undo-apply-002'));
    // As a database that has gone back to before the hold.
    await trial.world.database.query('delete from drydock.holds');
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'undo-failed', held: false });
    expect(state.sentence).toContain('but traffic could not be kept away longer (this run no longer holds traffic)');
    expect(statuses(state, 'release')).toContain('release passed');
    await expect.poll(() => trial.state('stuck'), { timeout: 10_000 }).toBe('running');
  });
});
