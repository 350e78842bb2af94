/** `import`, `baseline` and `repair` as an operator calls them, with their exit codes, and an import killed with -9. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { type CliResult, runDrydock, startDrydock } from '../../support/processes.ts';
import { type Elsewhere, setup } from './takeover-world.ts';
import { until } from './world.ts';

const FILES = {
  '1_a.up.sql': 'create table a ();',
  '1_a.down.sql': 'drop table a;',
  '2_b.up.sql': 'create table b ();',
  '2_b.down.sql': 'drop table b;',
};
const GOLANG = `create table schema_migrations (version bigint primary key, dirty boolean not null);
  insert into schema_migrations values (1, false); create table a ();`;

const argumentsOf = (world: Elsewhere, args: readonly string[]) => [
  ...args,
  '--dir',
  path.join(world.root, 'migrations/app'),
  '--url',
  world.database.url,
];
const run = (world: Elsewhere, ...args: readonly string[]) => runDrydock(argumentsOf(world, args));
const seen = ({ code, stdout, stderr }: CliResult) => [code, stdout || stderr.split('\n')[0]];

it('import shows, takes over, and is done; then migrating goes on', async () => {
  const world = await setup({ files: FILES, history: GOLANG });
  const refused = await run(world, 'migrate');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/^ledger-foreign: .*\n[\s\S]* import --dir .* --url \$URL takes it over/);
  expect(seen(await run(world, 'import', '--from', 'gooose'))).toEqual([
    2,
    'usage: gooose is no tool whose history is known',
  ]);
  expect((await run(world, 'import', '--dry-run')).stdout).toMatch(/nothing was changed\n$/);
  const json = JSON.parse((await run(world, 'import', '--json')).stdout);
  expect(json).toMatchObject({ outcome: 'imported', tool: 'golang-migrate', pending: ['2_b'] });
  expect(seen(await run(world, 'import'))).toEqual([
    0,
    'nothing to do: public.schema_migrations has what was imported from golang-migrate\n',
  ]);
  expect((await run(world, 'migrate')).code).toBe(0);
  expect(await world.ledger()).toHaveLength(2);
});

it('baseline is proven, recorded, and refused where it is too late', async () => {
  const world = await setup({ files: FILES, history: 'create table a ()' });
  expect(seen(await run(world, 'baseline', '2', '--verify'))).toEqual([
    2,
    'baseline-differs: the database does not have the schema that the migrations up to 2 give',
  ]);
  expect(seen(await run(world, 'baseline', '1', '--verify'))).toEqual([
    0,
    [
      'recorded 1 migration as applied, without running any: up to 1_a',
      'proven: the same files, run on a database of their own, gave the same schema',
      'the ledger is public.schema_migrations',
      '1 pending: 2_b\n',
    ].join('\n'),
  ]);
  expect((await run(world, 'migrate')).code).toBe(0);
  expect(seen(await run(world, 'baseline', '2'))).toEqual([
    2,
    'ledger-not-empty: "public".schema_migrations has rows already',
  ]);
});

it('repair shows what differs, and records what is named', async () => {
  const world = await setup({ files: FILES });
  await world.open().migrate();
  await world.write('1_a.down.sql', 'drop table if exists a;');
  const [, shown] = seen(await run(world, 'repair'));
  expect(shown).toMatch(/^different in 1 place:\n {2}1_a: edited since it was applied\n {4}.*1_a\.down\.sql\n$/);
  expect(seen(await run(world, 'repair', '--all', '1'))).toEqual([
    2,
    'usage: --all was given beside versions or --forget',
  ]);
  const [code, text] = seen(await run(world, 'repair', '1'));
  expect([code, String(text).split('\n').slice(-2)]).toEqual([0, ['files and ledger agree', '']]);
});

it('an import that is killed with -9 has done nothing, and the next one does it all', async () => {
  const world = await setup({ files: FILES, history: GOLANG });
  const reader = await world.database.connect();
  await reader.query('begin; select * from schema_migrations');
  const importing = startDrydock(argumentsOf(world, ['import']));
  const isWaiting = async () =>
    (
      await world.database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'lock table%'`,
      )
    ).length > 0;
  await until(isWaiting);
  process.kill(importing.pid, 'SIGKILL');
  await importing.ended;
  await reader.query('rollback');
  await until(async () => !(await isWaiting()));
  const next = await run(world, 'import');
  expect([next.code, next.stdout.split('\n')[0]]).toEqual([0, 'recorded 1 migration that golang-migrate applied: 1_a']);
  expect(await world.ledger()).toHaveLength(1);
});
