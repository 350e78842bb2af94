/**
 * Reads a dump to its end: archives by pg_restore, which notices what a listing of the archive does not, scripts by their
 * closing line. It proves that the file is whole, not that its data is right.
 */
import type { ArchiveFile } from './archive-files.ts';
import { type ArchiveFormat, formatOf, openArchive } from './archive-format.ts';
import { watchForConnects } from './backups/archives/script-connects.ts';
import { runPgRestore } from './pg-restore.ts';

export type ArchiveReading =
  | {
      readonly kind: 'whole';
      readonly format: string;
      readonly readBy: string;
      /** Of a script: the databases that it connects to; left out where there are none, and of archives. */
      readonly connectsTo?: readonly string[];
    }
  | { readonly kind: 'damaged'; readonly format: string; readonly reason: string }
  /** It may be whole; nothing here could tell. `next` is what would help. */
  | { readonly kind: 'unverified'; readonly format: string; readonly reason: string; readonly next: string };

export interface ReadingOptions {
  /** Default: the one on the path. */
  readonly pgRestore?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const TAIL_BYTES = 4096;
const CLOSING_LINE = /^-- PostgreSQL database (?:cluster )?dump complete$(?<rest>[\s\S]*)/m;
// Since its fix of CVE-2025-8714 pg_dump closes with a psql command after that line.
const AFTER_CLOSING_LINE = /^(?:\s|--|\\unrestrict \S+)*$/;

/** Never rejects for what is in the file; rejects when the signal aborts. */
export async function readArchive(file: ArchiveFile, options: ReadingOptions): Promise<ArchiveReading> {
  const format = await formatOf(file).catch((error: unknown) => unreadable(error));
  const name = nameOf(format);
  if (format.kind === 'unknown') {
    const next = 'name dumps that pg_dump wrote in one of its own formats, compressed by itself or with gzip';
    return { kind: 'unverified', format: name, reason: format.what, next };
  }
  if (format.kind === 'plain') return readScript(file, format.packed, name, options);
  const { signal, pgRestore: program } = options;
  return runPgRestore({ file, packed: format.packed, format: name, program, signal });
}

function unreadable(error: unknown): ArchiveFormat {
  return { kind: 'unknown', what: `cannot be read: ${textOf(error)}` };
}

function nameOf(format: ArchiveFormat): string {
  if (format.kind === 'unknown') return 'unknown';
  const name = format.kind === 'plain' ? 'plain SQL' : format.name;
  return format.packed === 'gzip' ? `${name}, gzip` : name;
}

async function readScript(
  file: ArchiveFile,
  packed: 'no' | 'gzip',
  format: string,
  { signal }: ReadingOptions,
): Promise<ArchiveReading> {
  let tail = Buffer.alloc(0);
  const connected = watchForConnects();
  try {
    for await (const chunk of openArchive(file.path, packed) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      connected.read(chunk);
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
    }
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: 'damaged', format, reason: textOf(error) };
  }
  const closing = CLOSING_LINE.exec(tail.toString('latin1'));
  if (closing !== null && AFTER_CLOSING_LINE.test(closing.groups?.rest ?? '')) {
    const names = connected.names();
    return {
      kind: 'whole',
      format,
      readBy: 'its closing line',
      ...(names.length > 0 ? { connectsTo: names } : {}),
    };
  }
  return { kind: 'damaged', format, reason: 'it does not end with "PostgreSQL database dump complete"' };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
