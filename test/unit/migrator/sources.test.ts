/** Layouts of other tools: what each of them means, and which one a directory has. */
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../support/problem-of.ts';
import { foundIn, read, statements } from './sources-world.ts';

describe('golang-migrate’s layout as it is', () => {
  it('takes any width of numbers, gaps, missing downs, empty files and any title', async () => {
    const { format, files, ignored } = await read({
      '1_first.up.sql': 'select 1;',
      '1_first.down.sql': '',
      '000003_Ünïcode & spaces.v2.up.sql': '-- nothing yet\n',
      '20240101000000_.up.sql': 'select 3;',
      '20240101000000_other name.down.sql': 'select -3;',
      'seed.sql': 'insert',
      'README.md': '',
      'nested/9_x.up.sql': 'select 9;',
    });
    expect(format).toBe('golang-migrate');
    expect(files.map(({ version, name, down }) => [version, name, down !== null])).toEqual([
      ['1', 'first', true],
      ['000003', 'Ünïcode & spaces.v2', false],
      ['20240101000000', '', true],
    ]);
    expect(ignored).toEqual(['seed.sql']);
    for (const file of files) await statements(file);
  });

  it('refuses a number used twice, one written in two ways, and a down without its up', async () => {
    expect(
      await foundIn({
        '1_a.up.sql': '',
        '1_b.up.sql': '',
        '2_a.up.sql': '',
        '02_a.down.sql': '',
        '3_c.down.sql': '',
      }),
    ).toBe(
      [
        'number 1 is used by 1_a.up.sql, 1_b.up.sql',
        'number 02 is used by 02_a.down.sql, 2_a.up.sql',
        '3_c.up.sql is missing beside 3_c.down.sql',
      ].join('\n'),
    );
  });
});

describe('one file for both directions', () => {
  it.each([
    {
      format: 'dbmate',
      text: '-- a word before\n-- migrate:up\ncreate table a ();\n\n-- migrate:down\ndrop table a;\n',
      up: ['3: create table a ()'],
      down: ['6: drop table a'],
    },
    {
      format: 'goose',
      text: '-- +goose Up\n-- +goose StatementBegin\ncreate function f() returns void language plpgsql as $$ begin null; end $$;\n-- +goose StatementEnd\nselect 1;\n-- +goose Down\ndrop function f;\n',
      up: ['3: create function f() returns void language plpgsql as $$ begin null; end $$', '5: select 1'],
      down: ['7: drop function f'],
    },
    {
      format: 'tern',
      text: 'create table a ();\n\n---- create above / drop below ----\n\ndrop table a;\n',
      up: ['1: create table a ()'],
      down: ['5: drop table a'],
    },
    {
      format: 'node-pg-migrate',
      text: '-- Up Migration\ncreate table a ();\n-- Down Migration\ndrop table a;\n',
      up: ['2: create table a ()'],
      down: ['4: drop table a'],
    },
  ] as const)(
    '$format is recognised by its marks, and lines stay where they are',
    async ({ format, text, up, down }) => {
      const { format: found, files } = await read({ '20240101_make a.sql': text });
      expect(found).toBe(format);
      expect(files[0]).toMatchObject({ version: '20240101', name: 'make a', up: { path: 'm/20240101_make a.sql' } });
      expect(await statements(files[0]!)).toEqual({ up, down });
    },
  );

  it('has one checksum for each direction', async () => {
    const text = (down: string) => ({ '1_a.sql': `-- migrate:up\nselect 1;\n-- migrate:down\n${down}\n` });
    const [before] = (await read(text('select 2;'))).files;
    const [after] = (await read(text('select 3;'))).files;
    expect(after!.up.checksum).toBe(before!.up.checksum);
    expect(after!.down!.checksum).not.toBe(before!.down!.checksum);
  });

  it('may ask for no transaction', async () => {
    const asks = async (text: string) => {
      const [file] = (await read({ '1_a.sql': text })).files;
      return [file!.up.transaction, file!.down?.transaction];
    };
    expect(await asks('-- migrate:up transaction:false\nselect 1;\n-- migrate:down\nselect 2;')).toEqual([
      'none',
      undefined,
    ]);
    expect(await asks('-- +goose NO TRANSACTION\n-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;')).toEqual([
      'none',
      'none',
    ]);
    expect(await asks('---- tern: disable-tx ----\nselect 1;')).toEqual(['none', undefined]);
    expect(await asks('-- no-transaction\nselect 1;')).toEqual(['none', undefined]);
  });

  it('is refused where it cannot be told what it would run', async () => {
    expect(await foundIn({ '1_a.sql': '-- migrate:up\nselect 1;', '2_b.sql': 'select 2;' })).toBe(
      '2_b.sql does not begin with "-- migrate:up"',
    );
    expect(await foundIn({ '1_a.sql': 'select 0;\n-- migrate:up\nselect 1;' })).toBe(
      '1_a.sql has SQL before "-- migrate:up"',
    );
    expect(await foundIn({ '1_a.sql': '-- +goose Up\n-- +goose ENVSUB ON\nselect 1;', '2_b.go': 'package m' })).toBe(
      [
        '1_a.sql has "-- +goose ENVSUB ON": its text depends on the environment of who runs it',
        '2_b.go is a migration in Go, which only a program of yours can run',
      ].join('\n'),
    );
    expect(await foundIn({ '1_a.sql': '{{ template "x.sql" . }}\n---- create above / drop below ----\n' })).toBe(
      '1_a.sql holds a template, {{ … }}, which only tern can fill in',
    );
    expect(await foundIn({ '1_a.sql': '-- Up Migration\nselect 1;', '2_b.js': '' })).toBe(
      '2_b.js is a migration in JavaScript, which only node-pg-migrate can run',
    );
    expect(await foundIn({ '1_a.sql': '-- migrate:up\n', '01_b.sql': '-- migrate:up\n' })).toBe(
      'number 01 is used by m/01_b.sql, m/1_a.sql',
    );
  });
});

describe('Flyway', () => {
  it('has versions of several numbers, undo files, repeatable ones, and sidecars', async () => {
    const { format, files, repeatables, ignored } = await read({
      'V1__first_table.sql': 'select 1;',
      'V1.10__later.sql': 'select 3;',
      'sub/V1_9__earlier.sql': 'select 2;',
      'U1__first_table.sql': 'select -1;',
      'V2__index.sql': 'create index concurrently i on t (a);',
      'V2__index.sql.conf': 'executeInTransaction=false\n',
      'R__view.sql': 'select 4;',
      'afterMigrate.sql': 'select 5;',
    });
    expect(format).toBe('flyway');
    expect(files.map(({ version, name, down, up }) => [version, name, down !== null, up.transaction])).toEqual([
      ['1', 'first_table', true, undefined],
      ['1.9', 'earlier', false, undefined],
      ['1.10', 'later', false, undefined],
      ['2', 'index', false, 'none'],
    ]);
    expect(repeatables.map(({ version, name }) => [version, name])).toEqual([['R__view', 'view']]);
    expect(ignored).toEqual(['afterMigrate.sql']);
  });

  it('’s baseline stands for what is gone, and for nothing while that is there', async () => {
    const versions = async (files: Readonly<Record<string, string>>) =>
      (await read(files)).files.map((one) => one.version);
    expect(await versions({ 'B5__base.sql': '', 'V6__next.sql': '' })).toEqual(['5', '6']);
    expect(await versions({ 'B5__base.sql': '', 'V4__old.sql': '', 'V6__next.sql': '' })).toEqual(['4', '6']);
  });

  it('’s two spellings of one version, and an undo of nothing, are refused', async () => {
    expect(await foundIn({ 'V1__a.sql': '', 'V1.0__b.sql': '', 'U7__c.sql': '' })).toBe(
      'U7__c.sql has no V7__….sql beside it\nnumber 1.0 is used by m/V1.0__b.sql, m/V1__a.sql',
    );
  });
});

describe('Flyway’s placeholders', () => {
  it('are refused where nobody fills them in, unless the file asks to be left alone', async () => {
    const placeholder = ['$', '{stage}'].join('');
    const text = `insert into t values ('${placeholder}');`;
    expect(await foundIn({ 'V1__a.sql': text })).toBe(
      `V1__a.sql holds the placeholder ${placeholder}, and no value was given for it`,
    );
    const { files } = await read({ 'V1__a.sql': text, 'V1__a.sql.conf': 'placeholderReplacement = false\r\n' });
    expect(files).toHaveLength(1);
  });
});

describe('which format it is', () => {
  it('two that fit are refused with both names', async () => {
    expect(await problemOf(read({ '1_a.up.sql': 'select 1;', '2_b.sql': '-- migrate:up\nselect 2;' }))).toEqual({
      code: 'migration-format-ambiguous',
      message: 'm may be of golang-migrate or of dbmate',
      found: [
        'golang-migrate: NNN_name.up.sql and NNN_name.down.sql',
        'dbmate: NNN_name.sql with "-- migrate:up" and "-- migrate:down"',
      ].join('\n'),
      expected: 'files of one format in one directory',
      next: 'say which one it is with --format <name>, or part the files into two directories',
      retry: 'stop',
    });
  });

  it('it may be said, and then the others are left alone', async () => {
    const { files, ignored } = await read(
      { '1_a.up.sql': 'select 1;', '2_b.sql': '-- migrate:up\nselect 2;' },
      'dbmate',
    );
    expect(files.map(({ version }) => version)).toEqual(['2']);
    expect(ignored).toEqual(['1_a.up.sql']);
  });

  it('none that fits is refused with what there is', async () => {
    expect(await problemOf(read({ 'schema.sql': 'select 1;' }))).toMatchObject({
      code: 'migration-format-unknown',
      message: 'm holds no migrations of any format that is known',
      found: 'schema.sql',
    });
  });
});
