/**
 * Builds the Temporal CLI from its published source with the Go of this machine, once, into the cache. It decides the build's
 * flags and limits and says how it goes on; whether a build is wanted is decided elsewhere.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../cli/environment.ts';
import type { OnProgress } from '../progress.ts';
import { END_BY_TERM, type Reaper } from '../reaper/start-reaper.ts';
import { type CommandOutcome, describeFailure, runCommand, succeeded } from '../run-command.ts';
import { takeBuildLock } from './build-lock.ts';
import { cachedProgram, makeCacheFolder, probeCache, putIntoCache } from './cache.ts';
import { probe, TEMPORAL_CLI_VERSION } from './version.ts';

const MODULE_DIR = fileURLToPath(new URL('../../../tools/temporal/', import.meta.url));
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const LIMIT_MS = 30 * 60_000;
const PROGRESS_MS = 5_000;

export interface BuildOptions {
  readonly environment: Environment;
  readonly onProgress: OnProgress;
  readonly reaper: Reaper | undefined;
  /** Between two progress events. Milliseconds, default 5000. */
  readonly progressMs?: number;
}

export type BuildResult =
  | { readonly kind: 'built'; readonly path: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** Builds, or waits for another process that does and takes its result. */
export async function buildTemporal(options: BuildOptions): Promise<BuildResult> {
  const { environment } = options;
  const go = await runCommand('go', ['version'], { env: environment.forChild(), timeoutMs: 30_000 });
  if (!succeeded(go)) return { kind: 'failed', reason: `no Go: ${describeFailure(go)}` };
  const folder = makeCacheFolder(environment.cacheDir);
  const lock = await takeBuildLock(join(folder, 'build.lock'), waiting(options));
  try {
    const byOther = await probeCache(environment.cacheDir);
    if (byOther.kind === 'works') return { kind: 'built', path: cachedProgram(environment.cacheDir) };
    return await build(options, folder);
  } finally {
    lock.release();
  }
}

async function build(options: BuildOptions, folder: string): Promise<BuildResult> {
  const output = join(folder, `temporal.new-${process.pid}`);
  const outcome = await runGoBuild(options, output);
  try {
    if (!succeeded(outcome)) return { kind: 'failed', reason: `go build: ${describeFailure(outcome)}` };
    const built = await probe(output);
    if (built.kind === 'broken') return { kind: 'failed', reason: `the built program: ${built.reason}` };
    return { kind: 'built', path: putIntoCache(options.environment.cacheDir, output) };
  } finally {
    rmSync(output, { force: true });
  }
}

async function runGoBuild(options: BuildOptions, output: string): Promise<CommandOutcome> {
  const { environment, onProgress, reaper, progressMs = PROGRESS_MS } = options;
  const startedAt = performance.now();
  let packages = 0;
  const tell = (): void => {
    const elapsedMs = performance.now() - startedAt;
    onProgress({ kind: 'temporal-building', version: TEMPORAL_CLI_VERSION, packages, elapsedMs });
  };
  tell();
  const timer = setInterval(tell, progressMs);
  const outcome = await runCommand('go', goArguments(output), {
    cwd: MODULE_DIR,
    // Without C there is one thing less that the machine must have.
    env: environment.forChild({ CGO_ENABLED: '0', GOWORK: 'off' }),
    group: 'own',
    timeoutMs: LIMIT_MS,
    onStart: (pid) => reaper?.guardProcess(pid, END_BY_TERM, 'group'),
    onStderr: (text) => {
      packages += text.split('\n').filter((line) => line !== '' && !line.startsWith('go: ')).length;
    },
  });
  clearInterval(timer);
  return outcome;
}

function goArguments(output: string): string[] {
  const linker = `-s -w -X github.com/temporalio/cli/temporalcli.Version=${TEMPORAL_CLI_VERSION}`;
  // -buildvcs=false: git refuses to answer in a checkout of another user, and the build would fail for it.
  return ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', linker, '-o', output, PACKAGE];
}

function waiting({ onProgress, progressMs = PROGRESS_MS }: BuildOptions): (builderPid: number) => void {
  const startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  return (builderPid) => {
    const now = performance.now();
    if (now - toldAt < progressMs) return;
    toldAt = now;
    onProgress({ kind: 'temporal-waiting', builderPid, elapsedMs: now - startedAt });
  };
}
