/** The four rows of the document's troubleshooting table: each made to happen, and answered by its resolution. */
import { describe, expect, it } from 'vitest';
import { isProblemError, resolutionFor } from '../../src/model/problem.ts';
import { problemFromPg } from '../../src/postgres/problem-from-pg.ts';
import { loadRunbook } from '../../src/runbook/load.ts';
import { advisoryLocks, until } from '../postgres/migrator/world.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { ROOT, runCli, startCli } from '../support/processes.ts';

const PROGRAM = 'src/cli/communication-migrate.ts';
const CALL = `pnpm tsx ${PROGRAM}`;
const run = (database: TestDatabase, ...args: string[]) => runCli([PROGRAM, ...args, '--url', database.url]);

describe('relation "core.users" does not exist', () => {
  const stub = 'pnpm tsx src/data/communication/core-stub.ts --url $URL';

  it('where core is missing altogether', async () => {
    const database = await freshDatabase();
    const { code, stdout, stderr } = await run(database, 'migrate');
    expect(code).toBe(1);
    expect(stdout.split('\n').at(-2)).toBe('applying 002_channels');
    expect(stderr.split('\n')).toEqual([
      'migration-failed: applying 002_channels failed: schema "core" does not exist',
      expect.stringMatching(/^ {2}found: {6}migrations\/communication\/002_channels.up.sql:\d+:1$/),
      expect.stringMatching(/^ +\d+ \| CREATE TABLE communication.channels \($/),
      expect.stringMatching(/^ +\^$/),
      `  resolution: Create stub core.users and core.organizations tables in the integration environment before running the CLI: ${stub}. Production already contains them.`,
      `  next:       correct the cause, then run ${CALL} migrate --url $URL again; nothing of this transaction was kept`,
      '',
    ]);
  });

  it('where only the tables are missing; the stub is the way out', async () => {
    const database = await freshDatabase();
    await database.query('create schema core; create table core.organizations (id uuid primary key)');
    const { code, stderr } = await run(database, 'migrate');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^migration-failed: applying 00\d_\w+ failed: relation "core.users" does not exist\n/);
    expect(stderr).toContain(`resolution: Create stub core.users`);
    await database.query('drop table core.organizations');
    expect((await runCli(['src/data/communication/core-stub.ts', '--url', database.url])).code).toBe(0);
    expect((await run(database, 'migrate')).code).toBe(0);
  });
});

it('duplicate key value violates unique constraint communication.schema_migrations_pkey', async () => {
  const database = await freshDatabase({ template: 'core' });
  // The migrator is held up inside 006; meanwhile somebody writes its row by hand.
  await database.query(`
    create function public.held_up() returns event_trigger language plpgsql as $$
    begin
      if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'communication.messages') then
        set local lock_timeout = 0;
        perform pg_advisory_lock(4711);
      end if;
    end $$;
    create event trigger held_up on ddl_command_end when tag in ('CREATE TABLE') execute function public.held_up();`);
  const other = await database.connect();
  await other.query('select pg_advisory_lock(4711)');
  const running = startCli([PROGRAM, 'migrate', '--url', database.url]);
  await until(async () => (await advisoryLocks(database)).some(({ granted }) => !granted));
  await other.query(`
    insert into communication.schema_migrations
    select '006', 'messages', up_checksum, down_checksum, started_at, finished_at, 1, 1, 0, 'by hand', null, '0', null
      from communication.schema_migrations where version = '005'`);
  await other.query('select pg_advisory_unlock(4711)');
  const { code, stderr } = await running.ended;
  expect(code).toBe(1);
  expect(stderr).toContain(
    'migration-failed: applying 006_messages failed: duplicate key value violates unique constraint "schema_migrations_pkey"\n',
  );
  expect(stderr).toContain(
    '  resolution: The schema is already migrated. Run status and skip, or call reset if a clean re-run is required.\n',
  );
  // Nothing of the file was kept, and the row that was forced in is what status shows.
  expect(await database.query(`select to_regclass('communication.messages') as messages`)).toEqual([
    { messages: null },
  ]);
});

it('CHECK constraint "templates_body_covers_variables" is violated', async () => {
  const database = await freshDatabase({ template: 'core' });
  expect((await run(database, 'migrate')).code).toBe(0);
  const { definition } = await loadRunbook('communication', ROOT);
  const error = await database
    .query(
      `with channel as (insert into communication.channels (key, kind, name) values ('mail', 'email', 'Mail') returning id)
       insert into communication.templates (channel_id, key, body, variables)
       select id, 'welcome', 'Hello {{name}}', '["name", "secret_place"]' from channel`,
    )
    .catch((caught: unknown) => caught);
  expect(isProblemError(error)).toBe(false);
  const problem = problemFromPg(error, { doing: 'the seed templates' });
  expect(problem.message).toBe(
    'the seed templates failed: new row for relation "templates" violates check constraint "templates_body_covers_variables"',
  );
  expect(JSON.stringify(problem)).not.toContain('secret_place');
  expect(resolutionFor(problem, definition.troubleshooting)?.resolution).toBe(
    "The body text is missing {{variable}} tokens. Update the template's body or adjust the variables JSON array.",
  );
});

it('timeout on idx_delivery_status_scheduled: rollback followed by migrate, as the table says', async () => {
  const database = await freshDatabase({ template: 'core' });
  const holder = await database.connect();
  await holder.query('begin isolation level repeatable read; select 1');
  const running = startCli([PROGRAM, 'migrate', '--url', database.url]);
  await until(async () => {
    const building = await database.query<{ pid: number }>(
      `select pid from pg_stat_progress_create_index where datname = current_database() and index_relid <> 0`,
    );
    for (const { pid } of building) await database.query('select pg_cancel_backend($1)', [pid]);
    return building.length > 0;
  });
  const { code, stderr } = await running.ended;
  await holder.query('rollback');
  expect(code).toBe(1);
  expect(stderr).toContain(
    'statement-cancelled: applying 008_delivery, building idx_delivery_status_scheduled, failed: canceling statement due to user request\n',
  );
  expect(stderr).toContain(
    `  resolution: Index creation was cancelled mid-run. Execute ${CALL} rollback --url $URL followed by migrate to rerun idempotently.\n`,
  );
  const status = await run(database, 'status');
  expect(status.stdout).toMatch(/^\[ \] 008 delivery {6}unfinished: 1 of 3 parts$/m);
  const rollback = await run(database, 'rollback');
  expect(rollback.code).toBe(0);
  expect(rollback.stdout).toMatch(
    /^008_delivery is unfinished: clearing what it left; no applied migration is rolled back\n(.*\n)*cleared 008_delivery in .*\n$/,
  );
  expect((await run(database, 'status')).stdout).toMatch(/^\[x\] 007 recipients .*\n\[ \] 008 delivery$/m);
  expect((await run(database, 'migrate')).code).toBe(0);
  expect(
    await database.query(
      `select indisvalid from pg_index where indexrelid = 'communication.idx_delivery_status_scheduled'::regclass`,
    ),
  ).toEqual([{ indisvalid: true }]);
  expect((await run(database, 'status', '--exit-code')).code).toBe(0);
});
