/**
 * Finds a Temporal CLI for this machine, or gets one. It decides the order: what is there (PATH, our cache) before what has
 * to be fetched (the SDK's download) or made (go build). Every source that is passed over is said, with its reason.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from '../../cli/environment.ts';
import { ProblemError } from '../../model/problem.ts';
import type { OnProgress } from '../progress.ts';
import type { Reaper } from '../reaper/start-reaper.ts';
import { buildTemporal } from './build-temporal.ts';
import { cachedProgram, probeCache } from './cache.ts';
import { downloadTemporal } from './download-temporal.ts';
import { type Probe, probe, TEMPORAL_CLI_VERSION } from './version.ts';

export interface TemporalSearch {
  readonly environment: Environment;
  readonly onProgress: OnProgress;
  readonly reaper: Reaper | undefined;
}

export interface TemporalProgram {
  readonly path: string;
  /** As the program itself words it. */
  readonly version: string;
}

/** Throws the Problem `temporal-not-found`, which names everything that was tried. */
export async function findTemporal(search: TemporalSearch): Promise<TemporalProgram> {
  const passed: string[] = [];
  const untold = new Map<string, string>();
  const tell = (): void => {
    for (const [source, reason] of untold) search.onProgress({ kind: 'temporal-source-passed', source, reason });
    untold.clear();
  };
  for (const { name, effort, get } of SOURCES) {
    // Why nothing at hand would do is only worth a line when it is going to cost time.
    if (effort === 'long') tell();
    const result = await get(search).catch(asFailure);
    if (result.kind === 'found') {
      const { path, version } = result;
      search.onProgress({ kind: 'temporal-found', source: name, path, version });
      return { path, version };
    }
    passed.push(`${name}: ${result.reason}`);
    untold.set(name, result.reason);
  }
  throw notFound(passed);
}

type Found = { readonly kind: 'found' } & TemporalProgram;
type Passed = { readonly kind: 'passed'; readonly reason: string };

interface Source {
  readonly name: string;
  /** `long`: it may take minutes. */
  readonly effort: 'none' | 'long';
  readonly get: (search: TemporalSearch) => Promise<Found | Passed>;
}

const SOURCES: readonly Source[] = [
  { name: 'PATH', effort: 'none', get: fromPath },
  { name: 'the cache', effort: 'none', get: fromCache },
  { name: 'a download', effort: 'long', get: fromDownload },
  { name: 'a build', effort: 'long', get: fromBuild },
];

async function fromPath({ environment }: TemporalSearch): Promise<Found | Passed> {
  const folders = environment.path.split(delimiter).filter(Boolean);
  const path = folders.map((folder) => join(folder, 'temporal')).find(isExecutable);
  if (!path) return { kind: 'passed', reason: 'no `temporal` there' };
  return asFound(path, await probe(path, environment.forChild()));
}

async function fromCache({ environment }: TemporalSearch): Promise<Found | Passed> {
  return asFound(cachedProgram(environment.cacheDir), await probeCache(environment.cacheDir));
}

async function fromDownload(search: TemporalSearch): Promise<Found | Passed> {
  const result = await downloadTemporal(search);
  return result.kind === 'failed' ? passedBy(result.reason) : asFound(result.path, await probe(result.path));
}

async function fromBuild(search: TemporalSearch): Promise<Found | Passed> {
  const result = await buildTemporal(search);
  return result.kind === 'failed' ? passedBy(result.reason) : asFound(result.path, await probe(result.path));
}

function asFound(path: string, result: Probe): Found | Passed {
  return result.kind === 'works' ? { kind: 'found', path, version: result.version } : passedBy(result.reason);
}

function passedBy(reason: string): Passed {
  return { kind: 'passed', reason };
}

function asFailure(error: unknown): Passed {
  return passedBy(error instanceof Error ? error.message : String(error));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notFound(passed: readonly string[]): ProblemError {
  return new ProblemError({
    code: 'temporal-not-found',
    message: 'no Temporal server can be started on this machine',
    found: passed.join('\n'),
    expected: `a \`temporal\` program, a network to download version ${TEMPORAL_CLI_VERSION} from, or Go to build it with`,
    next: 'install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS=host:port of a running server',
  });
}
