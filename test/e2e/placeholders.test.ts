/** Placeholders of a runbook, end to end: a run on real servers, the command line beside it, and what is refused. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunState } from '../../src/model/state.ts';
import { type CliResult, runCli } from '../support/processes.ts';
import { makeWorld, SMALL_RUNBOOK, type World, type WorldOptions } from '../support/world.ts';

const RUNBOOK = SMALL_RUNBOOK.replace('checklist:', `placeholders: { kind: memo, size: '10' }\nchecklist:`);
const FILES: Readonly<Record<string, string>> = {
  'runbooks/small.yaml': RUNBOOK,
  'migrations/small/002_items.up.sql': `-- \${in_a_comment}\nCREATE TABLE app.items (id bigint PRIMARY KEY, kind varchar(\${size}) DEFAULT '\${kind}');\n`,
  'migrations/small/003_notes.up.sql': `CREATE TABLE app.notes_\${kind} (id bigint);\nCREATE VIEW app.notes AS TABLE app.notes_\${kind};\n`,
  'migrations/small/003_notes.down.sql': `DROP VIEW app.notes;\nDROP TABLE app.notes_\${kind};\n`,
};

const setup = (options: WorldOptions = {}) =>
  makeWorld({ target: 'placeholders: { kind: letter }', ...options, files: { ...FILES, ...options.files } });

const drydock = (world: World, ...args: string[]): Promise<CliResult> =>
  runCli(['src/cli/drydock.ts', ...args, '--runbook', 'small', '--target', world.target], {
    env: { ...world.env, USER: 'kim' },
  });

async function made({ database }: World): Promise<unknown> {
  const [row] = await database.query<{ made: unknown }>(
    `select array(select c.relname::text from pg_class c where c.relnamespace = to_regnamespace('app')::oid
        and c.relkind in ('r', 'v') and c.relname <> 'schema_migrations' order by 1) as made`,
  );
  return row?.made;
}

const isAsked = ({ waiting }: RunState): boolean => waiting?.kind === 'approval';
const statusOf = ({ items }: RunState, id: string): string | undefined => items.find((item) => item.id === id)?.status;

async function changeLetterTo(world: World, value: string): Promise<void> {
  const targets = await readFile(path.join(world.root, 'drydock.yaml'), 'utf8');
  await world.write('drydock.yaml', targets.replace(/kind: \w+ \}/, `kind: ${value} }`));
}

describe('a run', () => {
  it('fills in the values of the runbook and of its target, and shows them in the plan', async () => {
    const world = await setup();
    const run = await world.start();
    await run.approve();
    expect(await run.ended()).toMatchObject({ outcome: 'done', problem: null });
    expect(await made(world)).toEqual(['items', 'notes', 'notes_letter']);
    expect(
      await world.database.query(
        `select column_default as value, character_maximum_length as size from information_schema.columns where table_schema = 'app' and column_name = 'kind'`,
      ),
    ).toEqual([{ value: "'letter'::character varying", size: 10 }]);
    const plan = await run.plan();
    expect(plan.placeholders).toEqual({ kind: 'letter', size: '10' });
    const shown = await runCli(['src/cli/drydock.ts', 'plan', world.target], { env: world.env });
    expect(shown.stdout).toContain(`\nPlaceholders\n  \${kind} = letter\n  \${size} = 10\n\nChecklist\n`);
    const back = await world.start('reset');
    await back.approve();
    expect(await back.ended()).toMatchObject({ outcome: 'done' });
    expect(await made(world)).toEqual(['items', 'notes', 'notes_letter']);
  });

  it('undoes with the same values', async () => {
    const world = await setup({
      files: { 'migrations/small/003_notes.up.sql': `CREATE TABLE app.notes_\${kind} (id bigint);\nSELECT 1 / 0;\n` },
    });
    const run = await world.start();
    await run.approve();
    expect(await run.ended()).toMatchObject({ outcome: 'rolled-back' });
    expect(await made(world)).toEqual([]);
  });

  it('asks again where the values have changed between the question and the answer', async () => {
    const world = await setup();
    const run = await world.start();
    const { planDigest } = await run.until('the question', isAsked);
    await changeLetterTo(world, 'postcard');
    await run.send('approve', { by: 'kim', plan: planDigest! }).catch(() => undefined);
    await run.until('the question about another plan', (state) => isAsked(state) && state.planDigest !== planDigest);
    expect((await run.plan()).placeholders).toEqual({ kind: 'postcard', size: '10' });
    await run.send('reject', { by: 'kim', reason: 'not these' });
    expect(await run.ended()).toMatchObject({ outcome: 'rejected' });
    expect(await made(world)).toEqual([]);
  });

  it('goes no further on a worker whose values are not those that were approved, and is undone with those that were', async () => {
    const world = await setup({
      files: { 'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint);\nSELECT pg_sleep(2);\n' },
    });
    const run = await world.start();
    await run.approve();
    await run.until('the second migration', (state) => statusOf(state, 'apply-002') === 'running');
    await changeLetterTo(world, 'postcard');
    await run.until('the refusal', (state) => JSON.stringify(state).includes('runbook-changed'));
    expect(await made(world)).toEqual(['items']);
    await changeLetterTo(world, 'letter');
    expect(await run.ended()).toMatchObject({ outcome: 'rolled-back' });
    expect(await made(world)).toEqual([]);
  });

  it('gets another digest from other values, and fails before its plan where one is missing', async () => {
    const world = await setup();
    const planned = async () => {
      const run = await world.start();
      const { planDigest } = await run.until('the question', isAsked);
      await run.send('reject', { by: 'kim', reason: 'only asked' });
      await run.ended();
      return planDigest!;
    };
    const first = await planned();
    expect(await planned()).toBe(first);
    await world.write('runbooks/small.yaml', RUNBOOK.replace(`size: '10'`, `size: '12'`));
    expect(await planned()).not.toBe(first);
    await world.write('runbooks/small.yaml', RUNBOOK.replace(`, size: '10'`, ''));
    const run = await world.start();
    expect(await run.ended()).toMatchObject({
      outcome: 'failed',
      problem: { code: 'placeholder-missing', found: `migrations/small/002_items.up.sql:2 \${size}` },
    });
  });
});

describe('the command line', () => {
  it('lints, shows, applies and takes back with the values of the target', async () => {
    const world = await setup({ worker: 'none' });
    const lint = await drydock(world, 'lint', '--all', '--json');
    expect(JSON.parse(lint.stdout).findings.map(({ rule }: { rule: string }) => rule)).not.toContain('syntax');
    const shown = await drydock(world, 'migrate', '--dry-run');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('CREATE TABLE app.notes_letter (id bigint);');
    const planned = await drydock(world, 'plan');
    expect(planned.stdout).toBe(shown.stdout);
    expect(await drydock(world, 'migrate')).toMatchObject({ code: 0, stderr: '' });
    expect(await made(world)).toEqual(['items', 'notes', 'notes_letter']);
    const status = await drydock(world, 'status', '--json');
    expect(JSON.parse(status.stdout).migrations).toMatchObject([{ edited: [] }, { edited: [] }, { edited: [] }]);
    const back = await drydock(world, 'rollback', '--dry-run');
    expect(back.stdout).toContain('DROP TABLE app.notes_letter;');
    expect(await drydock(world, 'rollback')).toMatchObject({ code: 0 });
    expect(await made(world)).toEqual(['items']);
  });

  it('takes those of the runbook alone where no target is named', async () => {
    const world = await setup({ worker: 'none' });
    const run = await runCli(
      ['src/cli/drydock.ts', 'migrate', '--dry-run', '--runbook', 'small', '--url', world.database.url],
      { env: world.env },
    );
    expect(run.stdout).toContain('CREATE TABLE app.notes_memo (id bigint);');
  });

  it('refuses a placeholder without a value, with its line and where the value belongs', async () => {
    const world = await setup({
      worker: 'none',
      files: { 'runbooks/small.yaml': RUNBOOK.replace(`, size: '10'`, '') },
    });
    expect(await drydock(world, 'status')).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: [
        'placeholder-missing: 1 placeholder has no value',
        `  found:      migrations/small/002_items.up.sql:2 \${size}`,
        '  expected:   a value for each; there are values for kind',
        '  next:       add size to the placeholders of runbooks/small.yaml, or of the target in drydock.yaml, which is then named with --target',
        '',
      ].join('\n'),
    });
  });
});
