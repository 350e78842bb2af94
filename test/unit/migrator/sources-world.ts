/** Directories of migrations in any tool's layout, read as they would be. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import { type FormatName, type MigrationFile, readMigrations } from '../../../src/migrator/files.ts';
import { analyseFile } from '../../../src/migrator/statements.ts';
import { problemOf } from '../../support/problem-of.ts';

const roots: string[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true });
});

export async function setup(files: Readonly<Record<string, string>>, format: FormatName | 'auto' = 'auto') {
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-sources-'));
  roots.push(root);
  await mkdir(path.join(root, 'm'));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, 'm', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return { root, directory: 'm', format, mirrors: 'optional', numbers: 'any' } as const;
}

export const read = async (files: Readonly<Record<string, string>>, format?: FormatName | 'auto') =>
  readMigrations(await setup(files, format));
export const foundIn = async (files: Readonly<Record<string, string>>, format?: FormatName | 'auto') =>
  (await problemOf(read(files, format))).found;
export const statements = async (file: MigrationFile) => ({
  up: (await analyseFile(file.up)).statements.map(({ text, line }) => `${line}: ${text}`),
  down: file.down && (await analyseFile(file.down)).statements.map(({ text, line }) => `${line}: ${text}`),
});
