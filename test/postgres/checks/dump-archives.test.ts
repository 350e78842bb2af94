import { execFile } from 'node:child_process';
import { readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { CheckContext } from '../../../src/checks/context.ts';
import { checkDumpArchives } from '../../../src/checks/dump-archives.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { setupWorld, TARGET, type World } from './world.ts';

const run = promisify(execFile);
const HOUR_MS = 3_600_000;
const SPEC = { kind: 'dump-archives', maxAgeMs: 4 * HOUR_MS } as const;
const SCRIPT =
  '--\n-- PostgreSQL database dump\n--\n\nSELECT 1;\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n';

/** Whether a pg_dump is on this machine that can dump the server of the tests. */
async function hasPgDump(): Promise<boolean> {
  const { stdout } = await run('pg_dump', ['--version']).catch(() => ({ stdout: '' }));
  const server = await run(path.join(inject('postgres').binaries.binDir, 'postgres'), ['--version']);
  const major = (text: string): number => Number(/(\d+)/.exec(text)?.[1] ?? 0);
  return major(stdout) >= major(server.stdout);
}
const canDump = await hasPgDump();

let world: World;

beforeAll(async () => {
  world = await setupWorld();
});

function contextFor(archives: readonly string[], more: Partial<CheckContext> = {}): CheckContext {
  return world.context('postgres://nowhere', { target: { ...TARGET, backups: { archives } }, ...more });
}

describe('the check "dump-archives" on scripts', () => {
  it('passes on a young script that ends as pg_dump ends one', async () => {
    const file = await world.write('plain/b.sql', SCRIPT);
    const written = new Date(Date.now() - HOUR_MS);
    await utimes(file, written, written);
    const older = await world.write('plain/a.sql', 'torn');
    await utimes(older, new Date(0), new Date(0));
    const now = new Date(written.getTime() + HOUR_MS);
    expect(await checkDumpArchives(contextFor(['plain/*.sql'], { now: () => now }), SPEC)).toEqual({
      status: 'passed',
      summary: 'plain/b.sql is 1 h old and whole, read by its closing line',
      evidence: [
        { name: 'archives found', value: '2' },
        { name: 'newest', value: 'plain/b.sql' },
        { name: 'written', value: `${written.toISOString()}, 1 h ago`, limit: 'at most 4 h ago' },
        { name: 'size', value: `${SCRIPT.length} bytes`, limit: 'more than 0' },
        { name: 'format', value: 'plain SQL' },
        { name: 'read to the end', value: 'whole, by its closing line', limit: 'whole' },
      ],
      measuredAt: now.toISOString(),
    });
  });

  it('fails on one that is too old', async () => {
    const file = await world.write('stale/a.sql', SCRIPT);
    const written = new Date(Date.now() - 5 * HOUR_MS);
    await utimes(file, written, written);
    const now = new Date(written.getTime() + 5 * HOUR_MS);
    const outcome = await checkDumpArchives(contextFor(['stale/*'], { now: () => now }), SPEC);
    expect(outcome).toEqual({
      status: 'failed',
      summary: 'the newest dump, stale/a.sql, is too old',
      evidence: [
        { name: 'archives found', value: '1' },
        { name: 'newest', value: 'stale/a.sql' },
        { name: 'written', value: `${written.toISOString()}, 5 h ago`, limit: 'at most 4 h ago' },
        { name: 'size', value: `${SCRIPT.length} bytes`, limit: 'more than 0' },
      ],
      measuredAt: now.toISOString(),
      problem: {
        retry: 'stop',
        code: 'dump-archive-stale',
        message: 'the newest dump, stale/a.sql, is too old',
        found: 'written 5 h ago',
        expected: 'a dump of the last 4 h',
        next: 'take a dump (pg_dump --format=custom --file=… of this database), and retry this item',
      },
    });
  });

  it('fails on one that was cut short, packed or not', async () => {
    await world.write('cut/a.sql', SCRIPT.slice(0, 60));
    expect((await checkDumpArchives(contextFor(['cut/*']), SPEC)).problem).toEqual({
      retry: 'stop',
      code: 'dump-archive-damaged',
      message: 'the newest dump, cut/a.sql, cannot be read to its end',
      found: 'plain SQL: it does not end with "PostgreSQL database dump complete"',
      expected: 'a dump that can be restored',
      next: 'take a new dump, and retry this item; if a dump is being written right now, wait for it',
    });
    const packed = gzipSync(SCRIPT + '-- noise'.repeat(10_000));
    await world.write('cut-packed/a.sql.gz', packed.subarray(0, packed.length - 20));
    expect((await checkDumpArchives(contextFor(['cut-packed/*']), SPEC)).problem?.found).toBe(
      'plain SQL, gzip: unexpected end of file',
    );
  });

  it('reads a packed script to its end', async () => {
    await world.write('packed/a.sql.gz', gzipSync(SCRIPT));
    const outcome = await checkDumpArchives(contextFor(['packed/*.gz']), SPEC);
    expect(outcome.summary).toMatch(/^packed\/a\.sql\.gz is .* old and whole, read by its closing line$/);
  });

  it('does not take a closing line in the middle for the end', async () => {
    await world.write('middle/a.sql', `${SCRIPT}\nINSERT INTO a VALUES (1);\n`);
    expect((await checkDumpArchives(contextFor(['middle/*']), SPEC)).problem?.code).toBe('dump-archive-damaged');
  });

  it('fails on an empty file, on one from the future and on one it does not know', async () => {
    await world.write('empty/a.dump', '');
    expect((await checkDumpArchives(contextFor(['empty/*']), SPEC)).summary).toBe(
      'the newest dump, empty/a.dump, is empty',
    );
    const file = await world.write('future/a.sql', SCRIPT);
    const ahead = new Date(Date.now() + HOUR_MS);
    await utimes(file, ahead, ahead);
    expect((await checkDumpArchives(contextFor(['future/*']), SPEC)).problem?.code).toBe(
      'dump-archive-from-the-future',
    );
    await world.write('zstd/a.zst', Buffer.from('28b52ffd00', 'hex'));
    expect((await checkDumpArchives(contextFor(['zstd/*']), SPEC)).problem).toMatchObject({
      code: 'dump-archive-unverified',
      found: 'unknown: compressed with zstd',
    });
  });

  it('fails where nothing is found, and where the target names no place', async () => {
    expect((await checkDumpArchives(contextFor(['none/*.dump']), SPEC)).problem).toEqual({
      retry: 'stop',
      code: 'dump-archives-none',
      message: 'no dump was found',
      found: 'nothing matches none/*.dump',
      expected: 'a dump of this database',
      next: 'take a dump (pg_dump --format=custom --file=… of this database), or correct backups.archives in drydock.yaml',
    });
    expect((await checkDumpArchives(contextFor([]), SPEC)).problem).toEqual({
      retry: 'stop',
      code: 'dump-archives-not-named',
      message: 'the target test does not say where its dumps are',
      found: 'backups.archives is empty',
      expected: 'patterns such as /backups/communication/*.dump',
      next: 'add backups: { archives: [...] } to test in drydock.yaml',
    });
  });

  it.each([
    ['names/*.dump', 'names/one.dump'],
    ['names/tw?.d*p', 'names/two.dump'],
    ['**/deep.dump', 'names/a/b/deep.dump'],
    ['names/.hidden/*', 'names/.hidden/h.dump'],
    ['names/[x].dump', 'names/[x].dump'],
  ])('finds by the pattern %s the dump %s', async (pattern, file) => {
    const absolute = await world.write(file, SCRIPT);
    const ahead = new Date(Date.now() + 1_000);
    await utimes(absolute, ahead, ahead);
    const outcome = await checkDumpArchives(contextFor([pattern]), SPEC);
    expect(outcome.evidence[1]).toEqual({ name: 'newest', value: file });
    const absolutely = await checkDumpArchives(contextFor([path.join(world.root, pattern)]), SPEC);
    expect(absolutely.evidence[1]).toEqual({ name: 'newest', value: file });
  });
});

describe('the check "dump-archives" on archives of pg_dump', () => {
  beforeEach(({ skip }) => skip(!canDump, 'there is no pg_dump and pg_restore that fit on this machine'));
  let database: TestDatabase;

  beforeAll(async () => {
    database = await freshDatabase();
    await database.query('create table a as select n, md5(n::text) from generate_series(1, 20000) n');
  });

  async function dump(folder: string, format: string): Promise<string> {
    const file = await world.write(`${folder}/placeholder`, '');
    const target = path.join(path.dirname(file), 'a.dump');
    await run('pg_dump', [`--format=${format}`, `--file=${target}`, database.url]);
    return target;
  }

  it.each(['custom', 'tar', 'directory'])('reads an archive of the format %s to its end', async (format) => {
    await dump(format, format);
    const outcome = await checkDumpArchives(contextFor([`${format}/*.dump`]), SPEC);
    expect(outcome.summary).toMatch(/^\w+\/a\.dump is .* old and whole, read by pg_restore [\d.]+$/);
    expect(outcome.evidence.slice(-2)).toEqual([
      { name: 'format', value: format },
      { name: 'read to the end', value: expect.stringMatching(/^whole, by pg_restore/), limit: 'whole' },
    ]);
  });

  it('reads a script of this pg_dump to its end', async () => {
    await dump('script', 'plain');
    expect((await checkDumpArchives(contextFor(['script/*.dump']), SPEC)).status).toBe('passed');
  });

  it('notices a truncated archive, which a listing of it does not', async () => {
    const file = await dump('truncated', 'custom');
    const bytes = await readFile(file);
    await world.write('truncated/a.dump', bytes.subarray(0, bytes.length - 1_000));
    await run('pg_restore', ['--list', file]);
    const outcome = await checkDumpArchives(contextFor(['truncated/*.dump']), SPEC);
    expect(outcome.problem).toMatchObject({
      code: 'dump-archive-damaged',
      message: 'the newest dump, truncated/a.dump, cannot be read to its end',
      found: expect.stringMatching(/^custom: pg_restore: error: could not read from input file/),
    });
  });

  it('reads a packed archive, and notices where the packing was cut', async () => {
    const packed = gzipSync(await readFile(await dump('to-pack', 'custom')));
    await world.write('gz/a.dump.gz', packed);
    expect((await checkDumpArchives(contextFor(['gz/*']), SPEC)).status).toBe('passed');
    await world.write('gz-cut/a.dump.gz', packed.subarray(0, packed.length - 1_000));
    expect((await checkDumpArchives(contextFor(['gz-cut/*']), SPEC)).problem?.code).toBe('dump-archive-damaged');
  });

  it('fails truthfully where no pg_restore is on the machine', async () => {
    await dump('no-program', 'custom');
    const before = process.env.PATH;
    process.env.PATH = '/nonexistent';
    const outcome = await checkDumpArchives(contextFor(['no-program/*.dump']), SPEC).finally(() => {
      process.env.PATH = before;
    });
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'dump-archive-unverified',
      message: 'the newest dump, no-program/a.dump, could not be verified',
      found: 'custom: there is no pg_restore on this machine to read it with',
      expected: 'a dump that is read to its end here',
      next: 'install the PostgreSQL client programs where the worker runs, and retry this item',
    });
  });

  it('stops reading when it is interrupted', async () => {
    await dump('abort', 'custom');
    const context = contextFor(['abort/*.dump'], { signal: AbortSignal.abort() });
    await expect(checkDumpArchives(context, SPEC)).rejects.toMatchObject({ problem: { code: 'interrupted' } });
  });
});
