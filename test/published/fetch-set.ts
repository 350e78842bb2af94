/**
 * Brings the migrations of a published set onto this machine, once, into the cache outside the checkout: by Go, through the
 * module proxy that Go is set to. A set that cannot be had is a reason and no error; nothing of it is ever committed.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../src/cli/environment.ts';
import { describeFailure, runCommand } from '../../src/dev/run-command.ts';
import type { PublishedSet } from './sets.ts';

/** The largest is 70 MB. */
const LIMIT_MS = 300_000;

export type FetchedSet =
  | { readonly kind: 'there'; readonly directory: string }
  | { readonly kind: 'missing'; readonly reason: string };

export async function fetchSet(set: PublishedSet, environment: Environment): Promise<FetchedSet> {
  const base = join(environment.cacheDir, 'published');
  const directory = join(base, `${set.name}-${set.version}`);
  try {
    if (!existsSync(directory)) await fetchInto(base, directory, set, environment);
    return { kind: 'there', directory };
  } catch (error) {
    return {
      kind: 'missing',
      reason: `${set.module}@${set.version} could not be fetched: ${(error as Error).message}`,
    };
  }
}

async function fetchInto(base: string, directory: string, set: PublishedSet, environment: Environment): Promise<void> {
  mkdirSync(base, { recursive: true, mode: 0o755 });
  const draft = mkdtempSync(join(base, '.new-'));
  try {
    const { Dir: unpacked, Sum: sum } = await download(draft, set, environment);
    if (sum !== set.sum) throw new Error(`it hashes to ${sum}, and not to what is pinned`);
    takeMigrations(join(unpacked, set.folder), join(draft, 'migrations'));
    putInPlace(join(draft, 'migrations'), directory);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

interface Downloaded {
  readonly Dir: string;
  readonly Sum: string;
  readonly Error?: string;
}

/** In a module cache of its own: of all that a module holds, a few files are kept. */
async function download(draft: string, set: PublishedSet, environment: Environment): Promise<Downloaded> {
  const outcome = await runCommand('go', ['mod', 'download', '-json', `${set.module}@${set.version}`], {
    cwd: draft,
    env: environment.forChild({ GOMODCACHE: join(draft, 'modules'), GOFLAGS: '-modcacherw', GOWORK: 'off' }),
    timeoutMs: LIMIT_MS,
  });
  const answer =
    'stdout' in outcome && outcome.stdout.startsWith('{') ? (JSON.parse(outcome.stdout) as Downloaded) : undefined;
  if (answer?.Error) throw new Error(answer.Error.split('\n').join(' '));
  if (!answer) throw new Error(`go: ${describeFailure(outcome)}`);
  return answer;
}

function takeMigrations(from: string, to: string): void {
  mkdirSync(to, { mode: 0o755 });
  const names = readdirSync(from).filter((name) => /\.(up|down)\.sql$/.test(name));
  for (const name of names) cpSync(join(from, name), join(to, name));
}

/** Another process may have done the same meanwhile: its folder is as good as ours. */
function putInPlace(fresh: string, directory: string): void {
  try {
    renameSync(fresh, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  }
}
