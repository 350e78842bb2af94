/** Runs pg_restore over an archive with its output thrown away, and says in words how that ended. It touches no database. */
import { type ChildProcess, spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import type { ArchiveFile } from './archive-files.ts';
import { openArchive } from './archive-format.ts';
import type { ArchiveReading } from './archive-reading.ts';

export interface RestoreRequest {
  readonly file: ArchiveFile;
  readonly packed: 'no' | 'gzip';
  /** As printed. */
  readonly format: string;
  /** Default: the one on the path. */
  readonly program?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PROGRAM = 'pg_restore';
const KEPT_OUTPUT = 2000;

/** Rejects only when the signal aborts; the program is then ended. */
export async function runPgRestore(request: RestoreRequest): Promise<ArchiveReading> {
  const { format, program = PROGRAM, signal } = request;
  signal?.throwIfAborted();
  const version = await outcomeOf(spawn(program, ['--version'], { stdio: ['ignore', 'pipe', 'pipe'] }));
  if (version.kind === 'not-started') return noProgram(format);
  // -f: without it pg_restore writes a script to its output only when told so, and needs a database otherwise.
  const { outcome, fault } = await runOn(request, ['-f', '/dev/null']);
  const readBy = version.output
    .trim()
    .replace(/ \(PostgreSQL\)/, '')
    .replace(/ \(.*/, '');
  return conclude(format, readBy, outcome, fault);
}

/** The comment lines at the head of what pg_restore lists, without their semicolons; none where it cannot list it. */
export async function listedHead(request: RestoreRequest): Promise<readonly string[]> {
  const lines: string[] = [];
  const keepHead = (text: string): void => {
    if (lines.length < KEPT_LINES) lines.push(...text.split('\n').slice(0, KEPT_LINES));
  };
  await runOn(request, ['--list'], keepHead);
  const end = lines.findIndex((line) => !line.startsWith(';'));
  return lines.slice(0, end < 0 ? undefined : end).map((line) => line.slice(1).trim());
}

const KEPT_LINES = 40;

async function runOn(
  { file, packed, program = PROGRAM, signal }: RestoreRequest,
  options: readonly string[],
  onOutput?: (text: string) => void,
): Promise<{ readonly outcome: ProgramOutcome; readonly fault: string | undefined }> {
  const args = [...options, ...(packed === 'no' ? [file.path] : [])];
  const child = spawn(program, args, { stdio: [packed === 'no' ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const end = (): void => void child.kill();
  signal?.addEventListener('abort', end, { once: true });
  const fed = packed === 'no' ? undefined : feed(child, file);
  if (onOutput) child.stdout?.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
  const outcome = await outcomeOf(child);
  const fault = await fed;
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
  return { outcome, fault };
}

type ProgramOutcome =
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly output: string }
  | { readonly kind: 'not-started'; readonly output: string };

function outcomeOf(child: ChildProcess): Promise<ProgramOutcome> {
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', output: error.message }));
    child.once('close', (exitCode) => resolve({ kind: 'ended', exitCode, output }));
  });
}

/** What went wrong while unpacking; a reader that stopped early is the reader's story, told by its exit. */
async function feed(child: ChildProcess, file: ArchiveFile): Promise<string | undefined> {
  try {
    await pipeline(openArchive(file.path, 'gzip'), child.stdin!);
    return undefined;
  } catch (error) {
    child.kill();
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' ? undefined : message;
  }
}

function conclude(format: string, readBy: string, outcome: ProgramOutcome, fault: string | undefined): ArchiveReading {
  if (fault !== undefined) return { kind: 'damaged', format, reason: fault };
  if (outcome.kind === 'not-started') return noProgram(format);
  if (outcome.exitCode === 0) return { kind: 'whole', format, readBy };
  const reason = outcome.output.trim().split('\n').at(-1) ?? `pg_restore ended with ${outcome.exitCode}`;
  if (!/unsupported version/.test(reason)) return { kind: 'damaged', format, reason };
  const next = 'install a pg_restore at least as new as the pg_dump that wrote the archive';
  return { kind: 'unverified', format, reason: `${readBy} is older than the archive (${reason})`, next };
}

function noProgram(format: string): ArchiveReading {
  return {
    kind: 'unverified',
    format,
    reason: 'there is no pg_restore on this machine to read it with',
    next: 'install the PostgreSQL client programs where the worker runs, and retry this item',
  };
}
