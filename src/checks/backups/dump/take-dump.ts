/**
 * Takes a dump of a whole database: to a name that no pattern finds, read to its end, with its checksum, on the disk, and only
 * then under its own name, with a sidecar that says which system and database it is of. What fails or is interrupted leaves
 * nothing under that name.
 */
import { chmod, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { syncPath } from '../../../migrator/save-directory.ts';
import type { DumpSidecar, TakenDump } from '../../../model/dump.ts';
import { readArchive } from '../../archive-reading.ts';
import { sha256Of } from '../archives/sidecar.ts';
import { sidecarOf } from '../archives/sidecar-name.ts';
import { type DumpGround, readDumpGround } from './dump-ground.ts';
import { alreadyThere, dumpDamaged, dumpInterrupted, notWritten } from './dump-problems.ts';
import { type DumpPrograms, findDumpPrograms } from './dump-programs.ts';
import { runPgDump } from './run-pg-dump.ts';
import { openUnfinished } from './unfinished.ts';

export interface DumpPlan {
  /** A secret. */
  readonly url: string;
  /** Made where it is not there. */
  readonly directory: string;
  /** Shown in the application name of its session: `kim@host`. */
  readonly who: string;
  readonly onProgress: (progress: DumpProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export type DumpProgress =
  | { readonly kind: 'began'; readonly database: string; readonly program: string; readonly file: string }
  | { readonly kind: 'writing'; readonly bytes: number; readonly elapsedMs: number }
  | { readonly kind: 'reading'; readonly bytes: number };

/**
 * Errors: `pg-dump-missing`, `dump-failed`, `dump-damaged`, `dump-not-written`, `interrupted`, and those of connecting.
 */
export async function takeDump(plan: DumpPlan): Promise<TakenDump> {
  const startedAt = performance.now();
  const ground = await readDumpGround(plan);
  const programs = await findDumpPrograms(ground.serverVersion);
  const file = path.resolve(plan.directory, fileName(ground));
  const unfinished = await openUnfinished(file);
  try {
    plan.onProgress({ kind: 'began', database: ground.describe, program: programs.version, file });
    await runPgDump({ ...plan, program: programs.pgDump, application: ground.application, file: unfinished });
    const sidecar = await verified({ plan, ground, programs, file, unfinished });
    await finish({ unfinished, file, sidecar });
    return { file, sidecarFile: sidecarOf(file), sidecar, durationMs: performance.now() - startedAt };
  } catch (error) {
    throw plan.signal?.aborted ? dumpInterrupted() : asProblem(error, plan.directory);
  } finally {
    // Gone already where it was finished.
    await rm(unfinished, { force: true }).catch(() => undefined);
  }
}

/** `shop-20260131T030405678Z.dump`. */
function fileName({ database, startedAt }: DumpGround): string {
  return `${database.replace(/[^\w.-]/g, '_')}-${startedAt.toISOString().replace(/[-:.]/g, '')}.dump`;
}

interface Written {
  readonly plan: DumpPlan;
  readonly ground: DumpGround;
  readonly programs: DumpPrograms;
  readonly file: string;
  readonly unfinished: string;
}

async function verified({ plan, ground, programs, file, unfinished }: Written): Promise<DumpSidecar> {
  await chmod(unfinished, 0o600);
  await syncPath(unfinished);
  const { size, mtime } = await stat(unfinished);
  plan.onProgress({ kind: 'reading', bytes: size });
  const archive = { path: unfinished, isFolder: false, bytes: size, modifiedAt: mtime };
  const reading = await readArchive(archive, { signal: plan.signal, pgRestore: programs.pgRestore });
  if (reading.kind !== 'whole') throw dumpDamaged(reading.reason);
  const { systemIdentifier, timeline, database, oid, serverVersion, lsn, startedAt } = ground;
  return {
    format: 1,
    file: path.basename(file),
    bytes: size,
    sha256: await sha256Of(unfinished, plan.signal),
    systemIdentifier,
    timeline,
    database: { name: database, oid },
    serverVersion,
    lsn,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date(startedAt.getTime() + (performance.now() - ground.readAtMs)).toISOString(),
    dumpedBy: programs.version,
    readBy: reading.readBy,
  };
}

/** The sidecar first: between the two renames there is then a note too many, and never a dump without its own. */
async function finish({
  unfinished,
  file,
  sidecar,
}: Pick<Written, 'unfinished' | 'file'> & { sidecar: DumpSidecar }): Promise<void> {
  if (await isThere(file)) throw alreadyThere(file);
  const note = `${unfinished}.json`;
  try {
    await writeFile(note, `${JSON.stringify(sidecar, null, 2)}\n`, { mode: 0o600 });
    await syncPath(note);
    await rename(note, sidecarOf(file));
    await rename(unfinished, file);
    await syncPath(path.dirname(file));
  } finally {
    await rm(note, { force: true });
    if (!(await isThere(file))) await rm(sidecarOf(file), { force: true });
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Of the file system: a full disk, a directory that was taken away. */
function asProblem(error: unknown, directory: string): unknown {
  return error instanceof Error && 'syscall' in error ? notWritten(directory, error) : error;
}
