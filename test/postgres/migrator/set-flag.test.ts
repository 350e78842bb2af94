/** `--set name=value` as an operator gives it: it reaches every command that reads the files. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../../support/processes.ts';
import { setup } from './world.ts';

const FILES = {
  '001_notes': [`create schema \${name}; create table \${name}.notes ();`, `drop schema \${name} cascade;`],
} as const;

it('fills the files in on the way up and on the way down', async () => {
  const world = await setup({ migrations: FILES });
  const run = (command: string) =>
    runCli([
      path.resolve('src/cli/drydock.ts'),
      command,
      ...['--dir', path.join(world.root, 'migrations/app'), '--url', world.database.url],
      ...['--schema', 'filled', '--set', 'name=filled'],
    ]);
  const made = () => world.database.query(`select to_regclass('filled.notes')::text as made`);
  const migrated = await run('migrate');
  expect([migrated.code, migrated.stderr]).toEqual([0, '']);
  expect(await made()).toEqual([{ made: 'filled.notes' }]);
  const back = await run('rollback');
  expect([back.code, back.stderr]).toEqual([0, '']);
  expect(await made()).toEqual([{ made: null }]);
});
