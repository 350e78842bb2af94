/** Where a Temporal CLI that was built or downloaded once is kept, and how a new one is put there in one step. */
import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Probe, probe, TEMPORAL_CLI_VERSION } from './version.ts';

/** The folder of this version and platform below the cache folder. */
export function cacheFolder(cacheDir: string): string {
  return join(cacheDir, 'temporal', `${TEMPORAL_CLI_VERSION}-${process.platform}-${process.arch}`);
}

export function cachedProgram(cacheDir: string): string {
  return join(cacheFolder(cacheDir), 'temporal');
}

/** Whether the cache holds a program that works. */
export async function probeCache(cacheDir: string): Promise<Probe> {
  const path = cachedProgram(cacheDir);
  if (!existsSync(path)) return { kind: 'broken', reason: `nothing at ${path}` };
  return probe(path);
}

/** Makes the folder; throws what the file system says when it may not. */
export function makeCacheFolder(cacheDir: string): string {
  const folder = cacheFolder(cacheDir);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** Takes `program`, which lies in the cache folder under another name, into use. */
export function putIntoCache(cacheDir: string, program: string): string {
  chmodSync(program, 0o755);
  renameSync(program, cachedProgram(cacheDir));
  return cachedProgram(cacheDir);
}
