import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { readMigrationFiles } from '../../../src/migrator/files.ts';
import { problemOf } from '../../postgres/migrator/world.ts';

const roots: string[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true });
});

async function setup(files: Readonly<Record<string, string | Buffer>>) {
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-files-'));
  roots.push(root);
  await mkdir(path.join(root, 'sql'));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(root, 'sql', name), content);
  return { root, directory: 'sql' };
}

it('a file is read as it is, and its checksum is that of its bytes', async () => {
  const sql = 'select 1;\r\n-- é\n';
  const where = await setup({ '001_a.up.sql': sql, '001_a.down.sql': 'select 2;' });
  const [file] = await readMigrationFiles(where);
  const checksum = createHash('sha256').update(sql).digest('hex');
  expect(file).toMatchObject({ version: '001', name: 'a', up: { path: 'sql/001_a.up.sql', sql, checksum } });
});

it('a byte order mark counts for the checksum and is not sent to the server', async () => {
  const bytes = Buffer.from('\ufeffselect 1;');
  const where = await setup({ '001_a.up.sql': bytes, '001_a.down.sql': 'select 2;' });
  const [file] = await readMigrationFiles(where);
  expect(file!.up.sql).toBe('select 1;');
  expect(file!.up.checksum).toBe(createHash('sha256').update(bytes).digest('hex'));
});

it('all that is wrong with names and contents is told at once', async () => {
  const where = await setup({
    '001_a.up.sql': 'select 1;',
    '001_a.down.sql': ' \n',
    '002_b.up.sql': Buffer.from('select 1;\0drop table x;'),
    '002_b.down.sql': Buffer.from([0x73, 0xff]),
    '004_d.up.sql': 'select 1;',
  });
  expect(await problemOf(readMigrationFiles(where))).toEqual({
    code: 'migration-files-invalid',
    message: '5 problems in sql',
    found: [
      '004_d.down.sql is missing beside 004_d.up.sql',
      'number 003 is missing',
      '001_a.down.sql is empty',
      '002_b.up.sql has a NUL byte at offset 9',
      '002_b.down.sql is not UTF-8',
    ].join('\n'),
    expected: 'numbers without a gap, each with NNN_name.up.sql and NNN_name.down.sql',
    next: 'correct the files in sql, then run the same command again',
    retry: 'stop',
  });
});

it('a directory that is not there is a problem of its own', async () => {
  const { root } = await setup({});
  expect(await problemOf(readMigrationFiles({ root, directory: 'nowhere' }))).toEqual({
    code: 'migrations-directory-missing',
    message: 'the migrations directory nowhere cannot be read',
    found: 'ENOENT',
    expected: 'a directory with NNN_name.up.sql and NNN_name.down.sql files',
    next: 'create nowhere, or correct migrations.directory in the runbook',
    retry: 'stop',
  });
});
