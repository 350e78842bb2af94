import { readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { takeDump } from '../../../../src/checks/backups/dump/take-dump.ts';
import { checkLogicalBackup } from '../../../../src/checks/backups/prove-backup.ts';
import type { CheckContext } from '../../../../src/checks/context.ts';
import { findPgDump } from '../../../../src/migrator/pg-dump.ts';
import type { TakenDump } from '../../../../src/model/dump.ts';
import type { CheckOutcome } from '../../../../src/model/outcome.ts';
import { freshDatabase } from '../../../support/postgres.ts';
import { type BackupWorld, CAN_DUMP, HOUR_MS, LOGICAL, setupBackups, WITHOUT_DUMP } from './world.ts';

const { major } = inject('postgres').binaries;

let world: BackupWorld;

beforeEach(({ skip }) => skip(!CAN_DUMP, WITHOUT_DUMP));
beforeAll(async () => {
  world = await setupBackups();
});

const look = (pattern: string, more: Partial<CheckContext> = {}): Promise<CheckOutcome> =>
  checkLogicalBackup(world.asked({ archives: [pattern] }, more), LOGICAL);

const factOf = ({ evidence }: CheckOutcome, name: string): string | undefined =>
  evidence.find((one) => one.name === name)?.value;

describe('a logical backup by archives of pg_dump', () => {
  it('is read by the pg_restore beside the pg_dump that `backup` takes, where none is on the path', async ({
    skip,
  }) => {
    await world.dump('off-path/a.dump');
    const before = process.env.PATH;
    process.env.PATH = '/nonexistent';
    const looked = async () => ({ pgDump: await findPgDump(major), outcome: await look('off-path/*.dump') });
    const { pgDump, outcome } = await looked().finally(() => {
      process.env.PATH = before;
    });
    skip(pgDump === undefined, 'pg_dump is nowhere but on the path');
    expect(factOf(outcome, 'read to the end')).toMatch(/^whole, by pg_restore /);
    expect(outcome.status).toBe('passed');
  });

  it('is proven by a young dump of a database of this name, and says that the system is not', async () => {
    await world.dump('named/a.dump');
    const outcome = await look('named/*.dump');
    expect(outcome).toEqual({
      status: 'passed',
      summary: expect.stringMatching(
        /^named\/a\.dump is .* old, whole, and of a database of this name; which system, it does not say$/,
      ),
      evidence: [
        { name: 'archives', value: 'proves it' },
        { name: 'archives found', value: '1' },
        { name: 'dump', value: 'named/a.dump' },
        {
          name: 'begun',
          value: expect.stringMatching(/ago, by its own word, read in this machine's time zone$/),
          limit: 'at most 4 h ago',
        },
        { name: 'file written', value: expect.stringMatching(/^\S+Z, .* ago$/), limit: 'at most 4 h ago' },
        { name: 'size', value: expect.stringMatching(/^\d+ bytes$/), limit: 'more than 0' },
        { name: 'database', value: world.database.name, limit: world.database.name },
        {
          name: 'system',
          value: 'not said: no archive names its system, and no sidecar of Drydock is beside it',
          limit: world.systemIdentifier,
        },
        { name: 'format', value: 'custom' },
        { name: 'read to the end', value: expect.stringMatching(/^whole, by pg_restore/), limit: 'whole' },
        { name: 'dumps of ours still running', value: 'none', limit: 'none' },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('is not proven by a dump that was begun too long ago, however young a copy of it is', async () => {
    const file = await world.dump('stale/a.dump');
    const now = new Date(Date.now() + 5 * HOUR_MS);
    expect((await look('stale/*', { now: () => now })).problem).toMatchObject({
      code: 'dump-archive-stale',
      found: expect.stringMatching(/^written 5 h/),
    });
    await utimes(file, now, now);
    expect((await look('stale/*', { now: () => now })).problem).toEqual({
      retry: 'stop',
      code: 'dump-archive-stale',
      message: 'the dump stale/a.dump is too old',
      found: expect.stringMatching(/^begun 5 h.* ago, at \S+Z, by its own word, read in this machine's time zone$/),
      expected: 'a dump of the last 4 h',
      next: "take a dump of this database (`backup`), and retry this item; where pg_dump runs in another time zone, give it this machine's by TZ",
    });
  });

  it('is not proven by a truncated dump', async () => {
    const file = await world.dump('cut/a.dump');
    await truncate(file, (await readFile(file)).length - 1_000);
    expect((await look('cut/*')).problem).toMatchObject({
      code: 'dump-archive-damaged',
      message: 'the newest dump, cut/a.dump, cannot be read to its end',
      found: expect.stringMatching(/^custom: pg_restore: error: could not read from input file/),
    });
  });

  it('is not proven by a dump of another database', async () => {
    const other = await freshDatabase();
    await world.dump('other/a.dump', other);
    expect((await look('other/*')).problem).toEqual({
      retry: 'stop',
      code: 'dump-archive-of-another-database',
      message: 'the dump other/a.dump is of another database',
      found: `a dump of ${other.name}`,
      expected: `a dump of ${world.database.name}`,
      next: `name the dumps of ${world.database.name} in backups.archives, or take a dump of this database (\`backup\`), and retry this item`,
    });
  });

  it('is found behind younger dumps that do not count, and they are named', async () => {
    const [ours, theirs, torn] = [
      await world.dump('many/ours.dump'),
      await world.dump('many/theirs.dump', await freshDatabase()),
      await world.dump('many/torn.dump'),
    ];
    await truncate(torn, 10_000);
    for (const [index, file] of [ours, theirs, torn].entries()) {
      const written = new Date(Date.now() - 60_000 + index * 1_000);
      await utimes(file, written, written);
    }
    const outcome = await look('many/*.dump');
    expect(outcome.summary).toMatch(/^many\/ours\.dump is /);
    expect(factOf(outcome, 'passed over')).toMatch(
      /^many\/torn\.dump: dump-archive-damaged, .*\nmany\/theirs\.dump: dump-archive-of-another-database, a dump of test_\w+$/,
    );
  });

  it('is proven by a script only where the script says which database it is of', async () => {
    await world.dump('script/a.sql', world.database, '--format=plain');
    expect((await look('script/*')).problem).toMatchObject({
      code: 'dump-archive-names-no-database',
      message: 'the dump script/a.sql does not say which database it is of',
    });
    await world.dump('named-script/a.sql', world.database, '--format=plain', '--create');
    expect((await look('named-script/*')).status).toBe('passed');
    await world.dump('other-script/a.sql', await freshDatabase(), '--format=plain', '--create');
    expect((await look('other-script/*')).problem?.code).toBe('dump-archive-of-another-database');
  });

  it('is judged by the file where pg_dump runs in a zone ahead, and seems older where it runs in one behind', async () => {
    const { TZ } = process.env;
    for (const [zone, folder] of [
      ['Etc/GMT-14', 'ahead'],
      ['Etc/GMT+12', 'behind'],
    ]) {
      process.env.TZ = zone;
      await world.dump(`${folder}/a.dump`).finally(() => {
        if (TZ === undefined) delete process.env.TZ;
        else process.env.TZ = TZ;
      });
    }
    const ahead = await look('ahead/*');
    expect(ahead.status).toBe('passed');
    expect(factOf(ahead, 'begun')).toMatch(/, by the time of its file: its own word is of another time zone$/);
    expect((await look('behind/*')).problem).toMatchObject({
      code: 'dump-archive-stale',
      next: expect.stringMatching(/where pg_dump runs in another time zone, give it this machine's by TZ$/),
    });
  });

  it.each(['tar', 'directory'])('knows the database of an archive of the format %s', async (format) => {
    await world.dump(`${format}/a.dump`, world.database, `--format=${format}`);
    expect(factOf(await look(`${format}/*.dump`), 'database')).toBe(world.database.name);
  });

  it('has to be looked for somewhere', async () => {
    expect((await checkLogicalBackup(world.asked({ archives: [] }), LOGICAL)).problem).toEqual({
      retry: 'stop',
      code: 'backup-not-named',
      message: 'the target test does not say where its dumps are',
      found: 'backups.archives is empty, and no provider proves a logical backup',
      expected: 'patterns such as /backups/communication/*.dump, or a provider',
      next: 'add backups: { archives: [...] } to test in drydock.yaml, and retry this item',
    });
  });
});

describe('a logical backup that Drydock took', () => {
  async function taken(folder: string): Promise<TakenDump> {
    const directory = path.join(world.root, folder);
    return takeDump({ url: world.database.url, directory, who: 'kim@test', onProgress: () => {} });
  }

  async function rewrite({ sidecarFile, sidecar }: TakenDump, change: object): Promise<void> {
    await writeFile(sidecarFile, JSON.stringify({ ...sidecar, ...change }));
  }

  it('is of this very system, by its sidecar', async () => {
    const { sidecar } = await taken('ours');
    // The directory is found without being named.
    const asked = world.asked({ archives: [], dumpDirectory: 'ours' });
    const outcome = await checkLogicalBackup(asked, LOGICAL);
    expect(outcome.summary).toMatch(
      /^ours\/\S+\.dump is .* old, whole, and of this database on this system, by its sidecar$/,
    );
    expect(factOf(outcome, 'system')).toBe(world.systemIdentifier);
    expect(factOf(outcome, 'begun')).toMatch(/, by its sidecar$/);
    expect(factOf(outcome, 'holds what was committed before')).toBe(sidecar.lsn);
    expect(outcome.evidence.find(({ name }) => name === 'sha256')).toEqual({
      name: 'sha256',
      value: sidecar.sha256,
      limit: `${sidecar.sha256}, by its sidecar`,
    });
  });

  it('does not count where its sidecar is of another dump', async () => {
    const dump = await taken('unfit');
    await rewrite(dump, { sha256: '0'.repeat(64) });
    expect((await look('unfit/*')).problem).toEqual({
      retry: 'stop',
      code: 'dump-sidecar-unfit',
      message: expect.stringMatching(/^the sidecar beside unfit\/\S+\.dump does not fit the dump$/),
      found: 'its checksum is of another dump',
      expected: 'the sidecar that was written with this dump, or none',
      next: 'do not trust this dump: take a dump of this database (`backup`), and retry this item',
    });
    await rewrite(dump, { bytes: 17 });
    expect((await look('unfit/*')).problem?.found).toMatch(/^it is of a dump of 17 bytes, and this one has \d+$/);
    await writeFile(dump.sidecarFile, '{}');
    expect((await look('unfit/*')).problem?.found).toBe('it is none that Drydock has written');
  });

  it('does not count where it is of another system, of a time to come, or of a database that was made anew since', async () => {
    const dump = await taken('elsewhere');
    await rewrite(dump, { systemIdentifier: '7000000000000000001' });
    expect((await look('elsewhere/*')).problem).toMatchObject({
      code: 'dump-archive-of-another-system',
      found: 'system 7000000000000000001',
      expected: `system ${world.systemIdentifier}, the database that is migrated`,
    });
    const startedAt = new Date(Date.now() + HOUR_MS).toISOString();
    await rewrite(dump, { startedAt });
    expect((await look('elsewhere/*')).problem).toMatchObject({
      code: 'dump-archive-from-the-future',
      found: expect.stringMatching(/^\S+Z, by its sidecar, (1 h|59 min).* ahead of this machine$/),
    });
    await rewrite(dump, { database: { name: world.database.name, oid: '1' } });
    expect((await look('elsewhere/*')).problem).toMatchObject({
      code: 'dump-archive-of-another-system',
      found: 'database oid 1',
      expected: `database oid ${world.oid}, the database that is migrated`,
    });
  });
});
