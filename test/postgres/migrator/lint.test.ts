/** Rules against a real server: what they know of tables is what its catalog says, and what they propose runs on filled tables. */
import { afterAll, describe, expect, inject, it } from 'vitest';
import { readCatalogFacts } from '../../../src/migrator/effects/catalog-facts.ts';
import { catalogViewOf } from '../../../src/migrator/effects/catalog-from-facts.ts';
import { readMigrationFiles } from '../../../src/migrator/files.ts';
import { lintMigrations } from '../../../src/migrator/lint/lint-migrations.ts';
import { lintTarget } from '../../../src/migrator/lint/lint-target.ts';
import { parseStatements } from '../../../src/migrator/parse-statements.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { ALL_CASES } from '../../unit/migrator/lint/all-cases.ts';
import { FILLED, ROWS } from '../../unit/migrator/lint/filled.ts';
import { migrationOf, shownFinding } from '../../unit/migrator/lint/rule-cases.ts';
import { setup } from './world.ts';

async function filled() {
  const database = await freshDatabase();
  const client = await database.connect();
  const fill = async () => {
    await client.query('drop schema if exists app cascade; drop schema if exists archive cascade');
    await client.query(FILLED);
    await client.query(ROWS);
  };
  await fill();
  const [{ server_version_num: version } = {}] = (await client.query('show server_version_num')).rows;
  return { client, fill, major: Math.floor(Number(version) / 10_000) };
}

const world = filled();
afterAll(async () => (await world).client.end());

/** Cases are for 15 where they do not say otherwise: what is proposed for it holds on newer servers, but is not all that those have. */
const ours = inject('postgres').binaries.major;
const isOurs = ({ major }: { readonly major?: number }): boolean => major === undefined || major === ours;

const proposed = ALL_CASES.flatMap(({ rule, found }) =>
  found.flatMap(({ findings, notRun, target, before, ...one }) =>
    notRun || !isOurs(one) || target || before
      ? []
      : findings.flatMap(({ instead }) => (instead === null ? [] : [{ rule, instead }])),
  ),
);

describe('what is proposed runs on filled tables', () => {
  it('for every rule that has something to propose in SQL', () => {
    expect(new Set(proposed.map(({ rule }) => rule)).size).toBeGreaterThan(25);
  });

  it.for(proposed)('$rule: $instead', async ({ instead }, { skip }) => {
    skip(ours < 15 && /\bnulls (not )?distinct\b/i.test(instead), 'NULLS NOT DISTINCT came with PostgreSQL 15');
    const { client, fill } = await world;
    await fill();
    const statements = await parseStatements({ path: 'instead.sql', sql: instead, checksum: '' });
    // One by one, as migrate sends what cannot be in a transaction.
    for (const { text } of statements) await client.query(text);
  });
});

const asked = ALL_CASES.flatMap(({ rule, found, silent }) => [
  ...found.map((one) => ({ rule, ...one })),
  ...silent.map(({ because: _, ...one }) => ({ rule, findings: [], ...one })),
]).filter((one) => !one.target && isOurs(one));

it.each(asked)(
  "finds the same with the server's catalog: $rule: $up",
  async ({ rule, up, down, before, schemas, findings, major }) => {
    const { client } = await world;
    const migrations = [...(before ?? []), up].map((sql, index, all) =>
      migrationOf(String(index + 1).padStart(3, '0'), sql, index === all.length - 1 ? down : undefined),
    );
    const report = await lintMigrations({
      migrations,
      scope: { kind: 'pending' },
      view: async (statements) => catalogViewOf(await readCatalogFacts(client, { statements })),
      schemas: schemas ?? ['app'],
      database: 'here',
    });
    const own = report.findings.filter((finding) => finding.rule === rule).map(shownFinding);
    // The unit tests' target has no statistics.
    const told = own.map((one) => ({ ...one, message: one.message.replaceAll(/ \(about [^)]*\)/g, '') }));
    // Newer servers have better ways out: those of their own are in cases of their own.
    const wayOut = ours > 15 && major === undefined ? { instead: expect.anything() } : {};
    expect(told).toEqual(findings.map((one) => (one.instead === null ? one : { ...one, ...wayOut })));
  },
);

describe('a target with migrations', () => {
  const migrations = {
    '001_schema': [
      'create schema app;\ncreate table app.t (id bigint primary key, a integer);',
      'drop table app.t;\ndrop schema app;',
    ],
    '002_index': ['create index t_a on app.t (a);', 'drop index concurrently app.t_a;'],
  } as const;
  const lint = async (database: Awaited<ReturnType<typeof freshDatabase>>, root: string) => {
    const client = await database.connect();
    const files = await readMigrationFiles({
      directory: 'migrations/app',
      root,
      mirrors: 'required',
      numbers: 'consecutive',
    });
    return lintTarget(client, { files, schemas: ['app'], ledgerSchema: 'app', describe: 'here' });
  };

  it('that has none of them yet: tables that the plan makes are nobody else’s', async () => {
    const { database, root } = await setup({ migrations });
    expect(await lint(database, root)).toMatchObject({ scope: { kind: 'pending' }, migrations: 2, findings: [] });
  });

  it('that has some: what is pending works on tables that are in use', async () => {
    const { database, root, open, remove, write } = await setup({ migrations });
    for (const end of ['up', 'down']) await remove(`002_index.${end}.sql`);
    await open().migrate();
    await write('002_index.up.sql', migrations['002_index'][0]);
    await write('002_index.down.sql', migrations['002_index'][1]);
    await database.query('insert into app.t select n, n from generate_series(1, 1200) n; analyze app.t');
    const report = await lint(database, root);
    expect(report.migrations).toBe(1);
    expect(report.findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
      'index-without-concurrently: CREATE INDEX takes SHARE on app.t (about 1,200 rows): writers wait until the index is built',
    ]);
  });

  it('that has all of them: there is nothing to look at', async () => {
    const { database, root, open } = await setup({ migrations });
    await open().migrate();
    expect(await lint(database, root)).toMatchObject({ migrations: 0, findings: [] });
  });
});
