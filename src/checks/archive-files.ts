/**
 * Finds dump archives by the target's patterns. `*` and `?` stand for characters within one name, `**` for folders of any
 * depth; names that begin with a dot have to be written. It looks at names and times, never inside.
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSidecar } from './backups/archives/sidecar-name.ts';

export interface ArchiveFile {
  /** Absolute. A folder for pg_dump's directory format. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Of a folder: of all files in it. */
  readonly bytes: number;
  /** Of a folder: of its toc.dat, which pg_dump writes last. */
  readonly modifiedAt: Date;
}

/** All matches, the newest first. What vanishes while it is looked at is left out. */
export async function findArchives(patterns: readonly string[], root: string): Promise<readonly ArchiveFile[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const absolute = path.resolve(root, pattern);
    const { root: start } = path.parse(absolute);
    const parts = absolute.slice(start.length).split(path.sep).filter(Boolean);
    for (const match of await expand(start, parts)) paths.add(match);
  }
  const dumps = [...paths].filter((match) => !isSidecar(match));
  const found = await Promise.all(dumps.map((match) => describe(match).catch(() => undefined)));
  return found.filter((file) => file !== undefined).sort((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime());
}

async function expand(folder: string, parts: readonly string[]): Promise<readonly string[]> {
  const [part, ...rest] = parts;
  if (part === undefined) return [folder];
  if (part === '**') return expandDeep(folder, rest);
  if (!/[*?]/.test(part)) return expand(path.join(folder, part), rest);
  const names = await readdir(folder).catch(() => []);
  const matches = names.filter((name) => matcher(part).test(name));
  return (await Promise.all(matches.map((name) => expand(path.join(folder, name), rest)))).flat();
}

async function expandDeep(folder: string, rest: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const deeper = await Promise.all(folders.map(({ name }) => expandDeep(path.join(folder, name), rest)));
  return [...(await expand(folder, rest)), ...deeper.flat()];
}

/** The regular expression of one part of a pattern. */
function matcher(part: string): RegExp {
  const escaped = part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const source = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${source}$`, 's');
}

async function describe(file: string): Promise<ArchiveFile> {
  const stats = await stat(file);
  if (!stats.isDirectory()) return { path: file, isFolder: false, bytes: stats.size, modifiedAt: stats.mtime };
  const toc = await stat(path.join(file, 'toc.dat'));
  const members = await Promise.all((await readdir(file)).map((name) => stat(path.join(file, name))));
  const bytes = members.reduce((sum, { size }) => sum + size, 0);
  return { path: file, isFolder: true, bytes, modifiedAt: toc.mtime };
}
