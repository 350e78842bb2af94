/** Whether the files and folders that a runbook names are there, and inside the checkout. It opens none of them. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { didYouMean } from './nearest.ts';
import { valueAt } from './schema-place.ts';
import type { DataPath, FileProblem, YamlDocument } from './yaml-document.ts';

/** Problems with `migrations.directory`, `rehearsal.stub` and the modules of seed steps. Paths are relative to `root`. */
export async function checkReferences(document: YamlDocument, root: string): Promise<readonly FileProblem[]> {
  const execution = valueAt(document.value, ['execution']);
  const modules: readonly DataPath[] = Array.isArray(execution)
    ? execution.map((_, index) => ['execution', index, 'module'] as const)
    : [];
  const found = await Promise.all([
    checkPath(document, root, ['migrations', 'directory'], 'folder'),
    checkPath(document, root, ['rehearsal', 'stub'], 'file'),
    ...modules.map((place) => checkPath(document, root, place, 'file')),
  ]);
  return found.flat();
}

async function checkPath(
  document: YamlDocument,
  root: string,
  place: DataPath,
  wanted: 'file' | 'folder',
): Promise<readonly FileProblem[]> {
  const written = valueAt(document.value, place);
  if (typeof written !== 'string' || written === '') return [];
  const problem = await pathFault(root, written, wanted);
  return problem === undefined ? [] : [document.at(place, `${String(place.at(-1))}: ${problem}`)];
}

async function pathFault(root: string, written: string, wanted: 'file' | 'folder'): Promise<string | undefined> {
  if (path.isAbsolute(written)) return `"${written}" is absolute; write it relative to the root of the checkout`;
  const full = path.resolve(root, written);
  if (!isInside(root, full)) return `"${written}" leads out of the checkout`;
  const stats = await stat(full).catch(() => undefined);
  if (stats === undefined) return `no ${wanted} "${written}"${await similarName(full)}`;
  if (!isInside(await realpath(root), await realpath(full))) return `"${written}" leads out of the checkout by a link`;
  const isWanted = wanted === 'file' ? stats.isFile() : stats.isDirectory();
  return isWanted ? undefined : `"${written}" is not a ${wanted}`;
}

function isInside(root: string, full: string): boolean {
  const relative = path.relative(root, full);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

async function similarName(full: string): Promise<string> {
  return didYouMean(path.basename(full), await namesIn(path.dirname(full)));
}

/** The names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
