/** Layouts of tools that have no way back. */
import { describe, expect, it } from 'vitest';
import { foundIn, read, statements } from './sources-world.ts';

describe('formats that only go up', () => {
  it('Prisma: a directory for each', async () => {
    const { format, files } = await read({
      '20240101000000_init/migration.sql': 'select 1;',
      '20240201000000_more/migration.sql': '',
      'migration_lock.toml': 'provider = "postgresql"',
    });
    expect(format).toBe('prisma');
    expect(files.map(({ version, name, up, down }) => [version, name, up.path, down])).toEqual([
      ['20240101000000', 'init', 'm/20240101000000_init/migration.sql', null],
      ['20240201000000', 'more', 'm/20240201000000_more/migration.sql', null],
    ]);
    expect(await statements(files[1]!)).toEqual({ up: [], down: null });
  });

  it('drizzle: in the order of its journal, statements parted by its breakpoints', async () => {
    const journal = {
      entries: [
        { tag: '0000_a', when: 1 },
        { tag: '0001_b', when: 2 },
      ],
    };
    const { format, files, ignored } = await read({
      '0000_a.sql': 'create table a ()\n--> statement-breakpoint\ncreate table b ()',
      '0001_b.sql': 'select 2;',
      '0002_stray.sql': 'select 3;',
      'meta/_journal.json': JSON.stringify(journal),
    });
    expect(format).toBe('drizzle');
    expect(files.map(({ version }) => version)).toEqual(['0000', '0001']);
    expect(await statements(files[0]!)).toEqual({ up: ['1: create table a ()', '3: create table b ()'], down: null });
    expect(ignored).toEqual(['0002_stray.sql']);
  });

  it('drizzle: a file that the journal names has to be there', async () => {
    const journal = { entries: [{ tag: '0000_a', when: 1 }] };
    expect(await foundIn({ 'meta/_journal.json': JSON.stringify(journal) })).toBe(
      '0000_a.sql is missing, and meta/_journal.json names it',
    );
  });

  it('graphile-migrate: what is committed, without its placeholders', async () => {
    const { format, files } = await read({
      'committed/000001.sql': '--! Previous: -\n--! Hash: sha1:x\n\nselect 1;',
      'committed/000002-more.sql': '--! Previous: sha1:x\n--! no-transaction\nselect 2::text;',
      'current.sql': 'select 3;',
    });
    expect(format).toBe('graphile-migrate');
    expect(files.map(({ version, name, up }) => [version, name, up.transaction])).toEqual([
      ['000001', 'committed', undefined],
      ['000002', 'more', 'none'],
    ]);
    expect(await foundIn({ '000001.sql': '--! Previous: -\ngrant connect on database :DATABASE_NAME to a;' })).toBe(
      '000001.sql holds the placeholder :DATABASE_NAME, which only graphile-migrate can fill in',
    );
  });

  it('numbered files without any mark are taken whole, as sqlx has them', async () => {
    const { format, files } = await read({ '1_a.sql': 'select 1;', '2_b.sql': 'select 2;' });
    expect(format).toBe('sqlx');
    expect(files.map(({ down }) => down)).toEqual([null, null]);
  });
});
