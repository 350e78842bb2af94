/** The command line killed at several points, with the communication migrations: a rerun always ends with all of them applied once. */
import { describe, expect, it } from 'vitest';
import { openMigrator } from '../../src/migrator/migrator.ts';
import { advisoryLocks, until } from '../postgres/migrator/world.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { ROOT, type RunningCli, runCli, startCli } from '../support/processes.ts';

const PROGRAM = 'src/cli/communication-migrate.ts';

const run = (database: TestDatabase, ...args: string[]) => runCli([PROGRAM, ...args, '--url', database.url]);
const start = (database: TestDatabase, ...args: string[]) => startCli([PROGRAM, ...args, '--url', database.url]);

async function killed(running: RunningCli): Promise<void> {
  running.child.kill('SIGKILL');
  await running.ended;
}

/** All nine applied, each once, and the schema as it is without any fault. */
async function expectWhole(database: TestDatabase): Promise<void> {
  const rows = await database.query<{ version: string; done: boolean }>(
    'select version, finished_at is not null and parts_done = parts_total as done from communication.schema_migrations order by version',
  );
  expect(rows).toEqual(Array.from({ length: 9 }, (_, index) => ({ version: `00${index + 1}`, done: true })));
  expect(await digestOf(database)).toBe(await wholeDigest());
}

async function digestOf({ url }: TestDatabase): Promise<string> {
  const migrator = openMigrator({
    url,
    root: ROOT,
    directory: 'migrations/communication',
    schemas: ['communication'],
    ledgerSchema: 'communication',
    owner: { appliedBy: 'test', runId: null },
    claim: { kind: 'standalone' },
  });
  try {
    return (await migrator.fingerprint()).digest;
  } finally {
    await migrator.close();
  }
}

let whole: Promise<string> | undefined;
function wholeDigest(): Promise<string> {
  whole ??= (async () => {
    const database = await freshDatabase({ template: 'core' });
    expect((await run(database, 'migrate')).code).toBe(0);
    return digestOf(database);
  })();
  return whole;
}

/** Every CREATE TABLE of the communication schema then takes a minute, with its locks held. */
const SLOW_TABLES = `
  create function public.slow() returns event_trigger language plpgsql as $$
  begin
    if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'communication.messages') then perform pg_sleep(60); end if;
  end $$;
  create event trigger slow on ddl_command_end when tag in ('CREATE TABLE') execute function public.slow();`;

const asleep = async (database: TestDatabase) =>
  (await database.query(`select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`))
    .length;

describe('killed with -9', () => {
  it('inside a transaction: it is rolled back within seconds, and a rerun that begins at once goes on', async () => {
    const database = await freshDatabase({ template: 'core' });
    await database.query(SLOW_TABLES);
    const running = start(database, 'migrate');
    await until(async () => (await asleep(database)) === 1);
    await killed(running);
    await database.query('drop event trigger slow');
    const rerun = await run(database, 'migrate');
    expect(rerun.stderr).toBe('');
    expect(rerun.stdout).toMatch(/^(waiting for another migrator.*\n.*\n)?4 migrations to apply, 5 applied already\n/);
    expect(rerun.code).toBe(0);
    await database.query('drop function public.slow()');
    await expectWhole(database);
  });

  it('inside CREATE INDEX CONCURRENTLY: the build goes on, is waited for, and is adopted', async () => {
    const database = await freshDatabase({ template: 'core' });
    // A snapshot that is open before the build begins: the build, and nothing else, has to wait for it.
    const holder = await database.connect();
    await holder.query('begin isolation level repeatable read; select 1');
    const running = start(database, 'migrate');
    const index = await buildBegun(database);
    await killed(running);
    const rerun = start(database, 'migrate');
    await rerun.until(/waiting for another migrator/);
    await holder.query('rollback');
    const { code, stdout } = await rerun.ended;
    expect(stdout).toContain(
      'index communication.idx_delivery_status_scheduled was built to the end by an earlier attempt',
    );
    expect(code).toBe(0);
    expect(await indexOid(database)).toEqual(index);
    await expectWhole(database);
  });

  it.each(['001_schema', '003_templates', '006_messages', '008_delivery', '009_participants'])(
    'as soon as %s is begun: a rerun ends whole',
    async (name) => {
      const database = await freshDatabase({ template: 'core' });
      const running = start(database, 'migrate');
      await running.until(new RegExp(`applying ${name}`));
      await killed(running);
      expect((await run(database, 'migrate')).code).toBe(0);
      await expectWhole(database);
    },
  );

  it.each(['rolled back 009', 'rolling back 005', 'rolled back 001', 'applied 004'])(
    'in a reset, at "%s": a rerun ends whole',
    async (at) => {
      const database = await freshDatabase({ template: 'core' });
      expect((await run(database, 'migrate')).code).toBe(0);
      const running = start(database, 'reset');
      await running.until(new RegExp(at));
      await killed(running);
      expect((await run(database, 'reset')).code).toBe(0);
      await expectWhole(database);
    },
  );
});

const indexOid = (database: TestDatabase) =>
  database.query<{ oid: string }>(
    `select to_regclass('communication.idx_delivery_status_scheduled')::oid::text as oid`,
  );

/** The index under construction. */
async function buildBegun(database: TestDatabase): Promise<{ oid: string }[]> {
  await until(async () => {
    const building = await database.query(
      'select from pg_stat_progress_create_index where index_relid <> 0 and datname = current_database()',
    );
    return building.length === 1;
  });
  return indexOid(database);
}

it('two at once: both end well, each migration is applied once', async () => {
  const database = await freshDatabase({ template: 'core' });
  const both = await Promise.all([run(database, 'migrate'), run(database, 'migrate')]);
  expect(both.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
    { code: 0, stderr: '' },
    { code: 0, stderr: '' },
  ]);
  const applied = both.map(({ stdout }) => stdout.match(/^applied 00/gm)?.length ?? 0);
  expect(applied.sort()).toEqual([0, 9]);
  await expectWhole(database);
});

it('Ctrl-C stops the statement, says where it stands, and leaves no lock', async () => {
  const database = await freshDatabase({ template: 'core' });
  await database.query(SLOW_TABLES);
  const running = start(database, 'migrate');
  await until(async () => (await asleep(database)) === 1);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.ended;
  expect(stderr).toBe(
    [
      'stopping …',
      'interrupted: the work was interrupted',
      '  found:      what was not committed is rolled back; what was committed is in the ledger',
      '  next:       run pnpm tsx src/cli/communication-migrate.ts status --url $URL, then pnpm tsx src/cli/communication-migrate.ts migrate --url $URL again: it goes on from there',
      '',
    ].join('\n'),
  );
  expect(code).toBe(1);
  expect(await advisoryLocks(database)).toEqual([]);
  expect(await asleep(database)).toBe(0);
});
