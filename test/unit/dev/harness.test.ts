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

test('the one Temporal server answers the client and the command line', async () => {
  const { client } = await connectTemporal();
  expect(await client.workflow.count()).toMatchObject({ count: 0 });
  expect(await temporalCli(['workflow', 'count'])).toMatchObject({ kind: 'exited', code: 0 });
});

test('a program that fails is reported with its code and words', async () => {
  const result = await runCli(['-e', 'console.error("no"); process.exit(3)']);
  expect(result).toMatchObject({ code: 3, signal: null, stderr: 'no\n' });
});
