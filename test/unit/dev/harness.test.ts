import { expect, test } from 'vitest';
import { freshDatabase } from '../../support/postgres.ts';
import { runCli } from '../../support/processes.ts';
import { connectTemporal, temporalCli } from '../../support/temporal.ts';

test('every test file gets databases of its own', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  await one.query('create table a (id int); insert into a values (1)');
  expect(await one.query('select id from a')).toEqual([{ id: 1 }]);
  expect(await two.query(`select to_regclass('a') as a`)).toEqual([{ a: null }]);
  const client = await one.connect();
  await client.query('begin; lock table a');
  await one.drop();
});

test('the template `core` has the tables that the migrations refer to', async () => {
  const { query } = await freshDatabase({ template: 'core' });
  expect(await query(`select to_regclass('core.users')::text as users`)).toEqual([{ users: 'core.users' }]);
});

test('the one Temporal server answers the client and the command line', async () => {
  const { client } = await connectTemporal();
  expect(await client.workflow.count()).toHaveProperty('count');
  expect(await temporalCli(['workflow', 'count'])).toMatchObject({ kind: 'exited', code: 0 });
});

test('a program that fails is reported with its code and words', async () => {
  const result = await runCli(['-e', 'console.error("no"); process.exit(3)']);
  expect(result).toMatchObject({ code: 3, signal: null, stderr: 'no\n' });
});
