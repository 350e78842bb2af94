/**
 * Sets of migrations that real applications published, in golang-migrate's layout, as they are: up by the command line, all
 * down one after the other, up again; and on other databases every single one up and down, with the catalog looked at.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/cli/environment.ts';
import { readMigrationFiles } from '../../src/migrator/files.ts';
import { diffFingerprints, type Fingerprint } from '../../src/migrator/fingerprint.ts';
import { openMigrator } from '../../src/migrator/migrator.ts';
import { plainSql } from '../../src/migrator/plain-sql.ts';
import { analyseFile } from '../../src/migrator/statements.ts';
import type { MigratorEvent } from '../../src/model/migrator-event.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, runCli } from '../support/processes.ts';
import { type FetchedSet, fetchSet } from './fetch-set.ts';
import { findUnmirrored } from './find-unmirrored.ts';
import { PUBLISHED_SETS } from './sets.ts';

const timeout = 600_000;
const DRYDOCK = 'src/cli/drydock.ts';
const PUBLIC = { schemas: ['public'], ledgerSchema: 'public' };

describe.for(PUBLISHED_SETS)('the $pairs migrations of $name', (set) => {
  let fetched: FetchedSet;
  let saveDirectory: string;
  let database: TestDatabase;
  let first: Fingerprint;

  const directory = (skip: (condition: boolean, note: string) => void): string => {
    skip(fetched.kind === 'missing', fetched.kind === 'missing' ? fetched.reason : '');
    return fetched.kind === 'there' ? fetched.directory : '';
  };
  const drydock = (dir: string, ...args: string[]): Promise<CliResult> =>
    runCli([DRYDOCK, ...args, '--dir', dir, '--schema', 'public', '--url', database.url]);
  const open = (dir: string, url: string, onEvent: (event: MigratorEvent) => void = () => {}) =>
    openMigrator({
      url,
      root: dir,
      directory: '.',
      mirrors: 'required',
      numbers: 'any',
      ...PUBLIC,
      owner: { appliedBy: 'tester', runId: null },
      claim: { kind: 'standalone' },
      saveDirectory,
      onEvent,
    });

  beforeAll(async () => {
    fetched = await fetchSet(set, readEnvironment());
    saveDirectory = await mkdtemp(join(tmpdir(), 'drydock-published-'));
    database = await freshDatabase();
  }, timeout);

  afterAll(() => rm(saveDirectory, { recursive: true, force: true }));

  test('are plain only where the parser finds one transaction that nothing in them ends', { timeout }, async ({
    skip,
  }) => {
    const dir = directory(skip);
    const files = await readMigrationFiles({ directory: dir, root: dir, numbers: 'any' });
    const plain = files.flatMap(({ up, down }) => [up, down!]).filter(({ sql }) => plainSql(sql));
    expect(plain.length).toBeGreaterThan(set.pairs / 2);
    for (const file of plain) {
      const { parts, statements } = await analyseFile(file);
      expect([file.path, parts.map(({ kind }) => kind)]).toEqual([
        file.path,
        statements.length > 0 ? ['transaction'] : [],
      ]);
      for (const { end } of statements) {
        const cut = `${file.sql.slice(0, end)};COMMIT;${file.sql.slice(end)}`;
        expect(plainSql(cut), file.path).toBeUndefined();
      }
    }
  });

  test('go up by one command, and then there is nothing to do', { timeout }, async ({ skip }) => {
    const dir = directory(skip);
    const up = await drydock(dir, 'migrate');
    expect({ code: up.code, stderr: up.code === 0 ? '' : up.stderr }).toEqual({ code: 0, stderr: '' });
    const { code, stdout } = await drydock(dir, 'status', '--exit-code');
    expect([code, stdout.match(/\[x\]/g)?.length, stdout.includes('[ ]')]).toEqual([0, set.pairs, false]);
    const again = await drydock(dir, 'migrate', '--json');
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, expect.objectContaining({ applied: [] })]);
    const migrator = open(dir, database.url);
    first = await migrator.fingerprint();
    await migrator.close();
  });

  test('go down one after the other, their rows saved, and up again to the same catalog', { timeout }, async ({
    skip,
  }) => {
    const events: MigratorEvent[] = [];
    const migrator = open(directory(skip), database.url, (event) => events.push(event));
    const outcomes = await migrator.rollbackSeveral(set.pairs);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(set.pairs).fill('reverted'));
    expect(await migrator.rollback()).toEqual({ outcome: 'nothing' });
    const left = await database.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
    );
    expect(left.map(({ relname }) => relname)).toEqual(set.leftover);
    const saved = events.flatMap((event) => (event.kind === 'rows-saved' ? [event.directory] : []));
    expect(saved).not.toEqual([]);
    for (const place of saved) expect((await readdir(place)).length, place).toBeGreaterThan(0);
    expect(await migrator.migrate()).toHaveLength(set.pairs);
    expect(diffFingerprints(first, await migrator.fingerprint())).toEqual([]);
    await migrator.close();
  });

  test('go down each to the catalog before it, but for those that do not', { timeout }, async ({ skip }) => {
    const dir = directory(skip);
    const files = await readMigrationFiles({ directory: dir, root: dir, numbers: 'any' });
    const { unmirrored, last } = await findUnmirrored(files, (url) => open(dir, url));
    expect(unmirrored).toEqual(set.unmirrored);
    expect(diffFingerprints(first, last)).toEqual([]);
  });
});
