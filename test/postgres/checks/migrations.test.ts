import { beforeEach, describe, expect, it } from 'vitest';
import { runCheck } from '../../../src/checks/registry.ts';
import { checkStatus } from '../../../src/checks/status-step.ts';
import { readMigrationFiles } from '../../../src/migrator/files.ts';
import { openMigrator } from '../../../src/migrator/migrator.ts';
import type { PlannedMigration } from '../../../src/model/plan.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { RUNBOOK, setupWorld, type World } from './world.ts';

const SPEC = { kind: 'dry-run' } as const;

let world: World;
let database: TestDatabase;
let pending: readonly PlannedMigration[];

beforeEach(async () => {
  world = await setupWorld();
  database = await freshDatabase();
  await database.query('create schema core; create table core.users (id uuid primary key)');
  const files = await readMigrationFiles({ directory: 'migrations/harbour', root: world.root });
  pending = files.map(({ version, name, up, down }) => ({
    version,
    name,
    file: up.path,
    upChecksum: up.checksum,
    downChecksum: down!.checksum,
  }));
});

async function migrate(): Promise<void> {
  const migrator = openMigrator({
    url: database.url,
    root: world.root,
    directory: 'migrations/harbour',
    schemas: ['harbour'],
    ledgerSchema: 'harbour',
    owner: { appliedBy: 'test', runId: null },
    claim: { kind: 'standalone' },
  });
  await migrator.migrate();
  await migrator.close();
}

describe('the check "dry-run"', () => {
  it('passes before anything is applied, and creates nothing', async () => {
    expect(await runCheck(world.context(database.url), SPEC)).toEqual({
      status: 'passed',
      summary: '2 migrations on disk with their mirrors; 0 applied, 2 to apply',
      evidence: [
        { name: 'on disk, with mirrors', value: '2', limit: '2' },
        { name: 'applied', value: '0' },
        { name: 'to apply, in this order', value: '001_schema, 002_berths' },
        { name: 'statements to run', value: '2' },
        { name: 'problems', value: 'none', limit: 'none' },
        { name: 'looked at in', value: 'a read-only transaction' },
      ],
      measuredAt: expect.any(String),
    });
    expect(await database.query(`select to_regnamespace('harbour') as there`)).toEqual([{ there: null }]);
  });

  it('fails where there are fewer migrations than the runbook expects', async () => {
    const runbook = { ...RUNBOOK, migrations: { directory: 'migrations/harbour', expect: 9 } };
    const outcome = await runCheck(world.context(database.url, { runbook }), SPEC);
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'migrations-wrong-number',
      message: 'migrations/harbour does not hold the number of migrations that the runbook expects',
      found: '2 migrations',
      expected: '9 migrations',
      next: 'use the checkout that holds them all, or correct migrations.expect in the runbook',
    });
  });

  it('fails where an applied file was edited', async () => {
    await migrate();
    await world.write('migrations/harbour/001_schema.up.sql', 'CREATE SCHEMA harbour; -- edited');
    const outcome = await runCheck(world.context(database.url), SPEC);
    expect(outcome.problem).toMatchObject({
      code: 'migration-edited',
      message: '001_schema was edited after it was applied',
    });
    expect(outcome.evidence).toContainEqual({ name: 'problems', value: 'migration-edited', limit: 'none' });
  });

  it('fails with every problem of the folder where a mirror is missing', async () => {
    await world.write('migrations/harbour/003_more.up.sql', 'SELECT 1;');
    const outcome = await runCheck(world.context(database.url), SPEC);
    expect(outcome).toMatchObject({
      status: 'failed',
      evidence: [],
      problem: { code: 'migration-files-invalid', found: '003_more.down.sql is missing beside 003_more.up.sql' },
    });
  });

  it('throws where no server answers, so that it is tried again', async () => {
    const nowhere = runCheck(world.context('postgres://anna@127.0.0.1:1/app'), SPEC);
    await expect(nowhere).rejects.toMatchObject({ problem: { code: 'database-unreachable', retry: 'retry' } });
  });
});

describe('the step "status"', () => {
  it('before: passes where the ledger is as planned and none of the tables exists', async () => {
    expect(await checkStatus(world.context(database.url), { expect: 'before', pending })).toEqual({
      status: 'passed',
      summary: '2 migrations to apply, as planned; none of their tables exists',
      evidence: [
        { name: 'applied', value: '0 of 2 migrations' },
        { name: 'to be applied', value: '001_schema, 002_berths', limit: '001_schema, 002_berths' },
        { name: 'tables that would be made', value: 'none exists', limit: 'none exists' },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('before: fails where a table is there already', async () => {
    await database.query('create schema harbour; create table harbour.berths (id int)');
    const outcome = await checkStatus(world.context(database.url), { expect: 'before', pending });
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'tables-already-there',
      message: '1 table of migrations that are not applied exists already',
      found: 'harbour.berths',
      expected: 'no table that a pending migration makes',
      next: 'find out who made them; drop them, or give this runbook another database',
    });
  });

  it('before: fails where somebody applied something since the plan', async () => {
    await migrate();
    const outcome = await checkStatus(world.context(database.url), { expect: 'before', pending });
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'ledger-not-as-planned',
      message: 'the ledger is not as it was planned',
      found: 'to be applied now: none',
      expected: '001_schema, 002_berths',
      next: 'start the run again: it makes a new plan',
    });
  });

  it('after: passes where all is applied and every table is there', async () => {
    await migrate();
    expect(await checkStatus(world.context(database.url), { expect: 'after', pending })).toEqual({
      status: 'passed',
      summary: '2 migrations applied, 1 table there',
      evidence: [
        { name: 'applied', value: '2 of 2 migrations' },
        { name: 'tables', value: '1 of 1 there', limit: 'all there' },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('after: fails where nothing is applied, and where a table was dropped by somebody', async () => {
    const nothing = await checkStatus(world.context(database.url), { expect: 'after', pending });
    expect(nothing.problem).toEqual({
      retry: 'stop',
      code: 'migrations-not-applied',
      message: '2 migrations not applied',
      found: '001_schema: pending\n002_berths: pending',
      expected: 'every migration applied',
      next: 'run migrate',
    });
    await migrate();
    await database.query('drop table harbour.berths');
    const dropped = await checkStatus(world.context(database.url), { expect: 'after', pending });
    expect(dropped.problem).toEqual({
      retry: 'stop',
      code: 'tables-missing',
      message: '1 table of applied migrations not there',
      found: 'harbour.berths',
      expected: 'every table that the migrations make',
      next: 'somebody dropped them: run reset where their rows may go, or restore them',
    });
  });
});
