/**
 * Copies a folder of programs to where a user other than root can run them: a checkout below a private folder cannot be
 * entered by the user that PostgreSQL runs as. It decides where the copy lies, that it is whole, and that nobody else
 * could have changed it.
 */
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemError } from '../../model/problem.ts';

/**
 * A whole copy of `source` below `base` (a folder such as /var/tmp, which others may write to but not take over).
 * Made under another name and renamed, so that it is there completely or not at all. `onCopy` is called when work is due.
 */
export function copiedTo(source: string, base: string, name: string, onCopy: (to: string) => void): string {
  const own = join(base, `drydock-${process.getuid?.() ?? 'user'}`);
  const target = join(own, 'postgres', name);
  makeOwnFolder(own);
  makeOwnFolder(join(own, 'postgres'));
  if (isWhole(source, target)) return target;
  onCopy(target);
  const fresh = mkdtempSync(join(own, 'postgres', '.new-'));
  copyTree(source, join(fresh, 'tree'));
  // Looked at again: another process may have done the same meanwhile, and be running what it made.
  if (!isWhole(source, target)) putInPlace(join(fresh, 'tree'), target, join(fresh, 'old'));
  rmSync(fresh, { recursive: true, force: true });
  return target;
}

/** The folder must be ours and writable by nobody else: it may have been put there to have us run foreign programs. */
function makeOwnFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const found = lstatSync(path);
  const ours = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  if (!ours) throw foreignFolder(path, found.uid, found.mode);
  chmodSync(path, 0o755);
}

function foreignFolder(path: string, uid: number, mode: number): ProblemError {
  return new ProblemError({
    code: 'foreign-cache-folder',
    message: `the folder ${path} cannot be trusted with programs to run`,
    found: `it belongs to user ${uid} and has mode ${(mode & 0o7777).toString(8)}`,
    expected: `a folder of user ${process.getuid?.()} that nobody else can write to`,
    next: `look at it, then: rm -rf ${path}`,
  });
}

/**
 * Every file of `source` is there with its size: cleaners of temporary folders take single old files away. Links count as what
 * they lead to, because package managers install the same package with links or with files in their place.
 */
function isWhole(source: string, copy: string): boolean {
  const wanted = statSync(source, { throwIfNoEntry: false });
  const found = statSync(copy, { throwIfNoEntry: false });
  if (!wanted) return true;
  if (!found || found.isDirectory() !== wanted.isDirectory()) return false;
  if (!wanted.isDirectory()) return found.size === wanted.size;
  return readdirSync(source).every((entry) => isWhole(join(source, entry), join(copy, entry)));
}

function copyTree(source: string, target: string): void {
  const stat = lstatSync(source);
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(source), target);
  } else if (stat.isDirectory()) {
    mkdirSync(target);
    chmodSync(target, 0o755);
    for (const entry of readdirSync(source)) copyTree(join(source, entry), join(target, entry));
  } else {
    copyFileSync(source, target);
    chmodSync(target, stat.mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Another process may do the same at the same time; then its copy is as good as ours. */
function putInPlace(fresh: string, target: string, old: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    renameSync(target, old);
  } catch {
    // There was none.
  }
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
