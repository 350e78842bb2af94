/**
 * Gets the Temporal CLI by the SDK's own download, into the cache. It decides how long that may take; whether a download is
 * wanted is decided elsewhere.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../cli/environment.ts';
import type { OnProgress } from '../progress.ts';
import { END_BY_TERM, type Reaper } from '../reaper/start-reaper.ts';
import { type CommandOutcome, describeFailure, runCommand, succeeded } from '../run-command.ts';
import { makeCacheFolder, putIntoCache } from './cache.ts';
import { probe, TEMPORAL_CLI_VERSION } from './version.ts';

const PROGRAM = fileURLToPath(new URL('./download-with-sdk.ts', import.meta.url));
const LIMIT_MS = 10 * 60_000;
/** Until then the first byte must have come. */
const FIRST_BYTE_LIMIT_MS = 20_000;
const PROGRESS_MS = 5_000;

export interface DownloadOptions {
  readonly environment: Environment;
  readonly onProgress: OnProgress;
  readonly reaper: Reaper | undefined;
}

export type DownloadResult =
  | { readonly kind: 'downloaded'; readonly path: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** Without a network this fails at once; on one that swallows packets after 20 seconds. */
export async function downloadTemporal(options: DownloadOptions): Promise<DownloadResult> {
  const { cacheDir } = options.environment;
  // Within the cache folder, so that the last step is a rename.
  const folder = mkdtempSync(join(makeCacheFolder(cacheDir), 'drydock-download-'));
  options.reaper?.guardFolder(folder, 'remove');
  try {
    const outcome = await runDownload(options, folder);
    if (!succeeded(outcome)) return { kind: 'failed', reason: whyNot(outcome) };
    const program = readdirSync(folder).find((name) => name.startsWith('temporal-cli'));
    if (!program) return { kind: 'failed', reason: 'the SDK left no program behind' };
    const found = await probe(join(folder, program));
    if (found.kind === 'broken') return { kind: 'failed', reason: `the downloaded program: ${found.reason}` };
    return { kind: 'downloaded', path: putIntoCache(cacheDir, join(folder, program)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runDownload(options: DownloadOptions, folder: string): Promise<CommandOutcome> {
  const { environment, onProgress, reaper } = options;
  const startedAt = performance.now();
  const tell = (): void => {
    const elapsedMs = performance.now() - startedAt;
    onProgress({ kind: 'temporal-downloading', version: TEMPORAL_CLI_VERSION, elapsedMs });
  };
  tell();
  const timer = setInterval(tell, PROGRESS_MS);
  const silence = new AbortController();
  const silenceTimer = setTimeout(() => {
    if (readdirSync(folder).length === 0) silence.abort();
  }, FIRST_BYTE_LIMIT_MS);
  const args = ['--import', 'tsx', PROGRAM, folder, TEMPORAL_CLI_VERSION];
  const outcome = await runCommand(process.execPath, args, {
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    env: environment.forChild({ NODE_OPTIONS: undefined }),
    group: 'own',
    timeoutMs: LIMIT_MS,
    signal: silence.signal,
    onStart: (pid) => reaper?.guardProcess(pid, END_BY_TERM, 'group'),
  });
  clearInterval(timer);
  clearTimeout(silenceTimer);
  return outcome;
}

/** The SDK wraps the cause into two sentences with the whole address in them; the cause is what helps. */
function whyNot(outcome: CommandOutcome): string {
  if (outcome.kind === 'timed-out') return 'nothing came within the time limit';
  return describeFailure(outcome).split('): ').at(-1)!;
}
