/** What a run's plan says about tables that are there, and that its digest stands for that and not for their sizes. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makePlan } from '../../../src/activities/plans.ts';
import { openMigrator } from '../../../src/migrator/migrator.ts';
import { impactSentences } from '../../../src/model/impact.ts';
import { type Operation, type Plan, planText } from '../../../src/model/plan.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';

const FILES = {
  'drydock.yaml': `version: 1
targets:
  here:
    environment: test
    url: { env: SOME_URL }
`,
  'runbooks/small.yaml': `version: 1
name: small
title: A small runbook
schemas: [app]
ledgerSchema: app
migrations: { directory: migrations/small, expect: 3 }
checklist:
  - { id: primary, title: The database is a primary, check: primary }
window: { approvalTimeout: 1m, drain: 200ms, drainTimeout: 10s }
execution:
  - { id: migrate, title: Migrate, step: migrate }
validation:
  - id: tables
    title: The tables exist
    statements:
      - sql: SELECT to_regclass('app.items') AS items
        expect: { kind: all-not-null }
    otherwise: run the migrations again
troubleshooting:
  - symptom: items is refused
    match: { pattern: 'refused on purpose' }
    resolution: do not refuse it
`,
  'migrations/small/001_schema.up.sql': 'CREATE SCHEMA app;\n',
  'migrations/small/001_schema.down.sql': 'DROP SCHEMA app;\n',
  'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY);\n',
  'migrations/small/002_items.down.sql': 'DROP TABLE app.items;\n',
  'migrations/small/003_notes.up.sql': `CREATE TABLE app.notes (id bigint PRIMARY KEY, item_id bigint REFERENCES app.items,
  user_id uuid REFERENCES core.users);
ALTER TABLE core.users ADD COLUMN token uuid DEFAULT gen_random_uuid();
CREATE INDEX ON core.logs (body);\n`,
  'migrations/small/003_notes.down.sql': 'ALTER TABLE core.users DROP COLUMN token;\nDROP TABLE app.notes;\n',
};

interface Checkout {
  readonly root: string;
  readonly database: TestDatabase;
  readonly write: (file: string, text: string) => Promise<void>;
}

const roots: string[] = [];

afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

async function world(): Promise<Checkout> {
  const database = await freshDatabase({ template: 'core' });
  await database.query(`create table core.logs (id int, body text) partition by range (id);
    create table core.logs_1 partition of core.logs for values from (0) to (10)`);
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-test-'));
  roots.push(root);
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(FILES)) await write(file, text);
  return { root, database, write };
}

async function planOf({ root, database }: Checkout, operation: Operation = 'run'): Promise<Plan> {
  const deps = {
    root,
    namespace: 'default',
    reportDirectory: 'reports',
    lookup: () => database.url,
    holderState: async () => 'unknown' as const,
  };
  const ref = {
    runbook: 'small',
    target: 'here',
    runId: 'r',
    workflowId: 'w',
    runbookDigest: '',
    patience: 'give-up' as const,
  };
  const request = { ...ref, operation, confirm: '', window: {} };
  const attempt = { signal: new AbortController().signal, progress: () => undefined };
  return (await makePlan(deps, request, attempt)).plan;
}

const impacts = (plan: Plan) => plan.steps.flatMap((step) => ('impact' in step ? [step.impact] : []));

it('adds up what each migration does to tables that are there', async () => {
  const plan = await planOf(await world());
  expect(impacts(plan)).toEqual([
    { locks: [], work: [] },
    { locks: [], work: [] },
    {
      locks: [
        { table: 'core.users', mode: 'ACCESS EXCLUSIVE' },
        { table: 'core.logs', mode: 'SHARE' },
      ],
      work: [
        { table: 'core.logs', work: 'index build' },
        { table: 'core.users', work: 'rewrite' },
      ],
    },
  ]);
  expect(plan.touched?.map(({ table, rows }) => ({ table, rows }))).toEqual([
    { table: 'core.users', rows: null },
    { table: 'core.logs', rows: null },
  ]);
  expect(impactSentences(plan)).toEqual([
    'Strongest lock on tables that are there: ACCESS EXCLUSIVE (reads and writes wait) on core.users (rows unknown, 24 kB).',
    'Written anew: core.users; Read whole for an index: core.logs.',
  ]);
});

it('tells how each migration is carried out, which is no part of its digest', async () => {
  const made = await world();
  const before = await planOf(made);
  const whole = { transaction: 'auto', parts: [{ kind: 'transaction', lockPolicy: 'free' }], opaque: 0 } as const;
  expect(before.manners).toEqual([
    { step: 'apply-001', ...whole, undoable: 'yes' },
    { step: 'apply-002', ...whole, undoable: 'yes' },
    { step: 'apply-003', ...whole, parts: [{ kind: 'transaction', lockPolicy: 'blocking' }], undoable: 'yes' },
  ]);
  expect(before.limits).toEqual({
    lockTimeoutMs: 500,
    totalMs: 120_000,
    concurrentLockTimeoutMs: 1_800_000,
    statementTimeoutMs: 900_000,
  });
  const { manners: _, limits: __, touched: ___, digest, ...content } = before;
  expect(createHash('sha256').update(planText(content)).digest('hex')).toBe(digest);
  await made.write(
    'migrations/small/003_notes.up.sql',
    `-- drydock:no-transaction
DROP TABLE core.logs;
CREATE INDEX CONCURRENTLY users_name ON core.users (display_name);
DO $$ BEGIN EXECUTE 'select ' || 1; END $$;
`,
  );
  expect((await planOf(made)).manners?.at(-1)).toEqual({
    step: 'apply-003',
    transaction: 'none',
    parts: [
      { kind: 'transaction', lockPolicy: 'blocking' },
      { kind: 'alone', lockPolicy: 'patient' },
      { kind: 'alone', lockPolicy: 'data' },
    ],
    undoable: 'loses data',
    opaque: 1,
  });
});

it('keeps its digest where rows and partitions come, and not where a lock does', async () => {
  const made = await world();
  const before = await planOf(made);
  await made.database.query(`insert into core.users (email, display_name) values ('a@example.test', 'A');
    create table core.logs_2 partition of core.logs for values from (10) to (20);
    analyze core.users`);
  const later = await planOf(made);
  expect(later.digest).toBe(before.digest);
  expect(later.touched?.[0]).toMatchObject({ table: 'core.users', rows: 1 });
  await made.database.query('alter table core.users add column token uuid');
  await made.write('migrations/small/003_notes.up.sql', 'CREATE TABLE app.notes (id bigint PRIMARY KEY);\n');
  expect((await planOf(made)).digest).not.toBe(before.digest);
});

it('looks at the mirror where a migration is reverted', async () => {
  const made = await world();
  const migrator = openMigrator({
    url: made.database.url,
    root: made.root,
    directory: 'migrations/small',
    schemas: ['app'],
    ledgerSchema: 'app',
    owner: { appliedBy: 'tester', runId: null },
    claim: { kind: 'standalone' },
  });
  await migrator.migrate();
  await migrator.close();
  expect(impacts(await planOf(made, 'rollback'))).toEqual([
    {
      locks: [
        { table: 'app.items', mode: 'ACCESS EXCLUSIVE' },
        { table: 'app.notes', mode: 'ACCESS EXCLUSIVE' },
        { table: 'core.users', mode: 'ACCESS EXCLUSIVE' },
      ],
      work: [],
    },
  ]);
});

it('says nothing where a file is not SQL, which its check tells', async () => {
  const made = await world();
  await made.write('migrations/small/002_items.up.sql', 'CREATE TABEL app.items ();\n');
  const plan = await planOf(made);
  expect(impacts(plan)).toEqual([]);
  expect(impactSentences(plan)).toEqual([]);
});
