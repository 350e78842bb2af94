/**
 * Reads one SQL file as it is: the checksum is over its bytes, nothing is normalised. A checkout that changes line endings
 * therefore changes checksums; pin them with `*.sql -text` in .gitattributes where that may happen.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface SqlFile {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string;
  /** The text; a byte order mark at its start is left out, because the server takes it for SQL. */
  readonly sql: string;
  /** sha256 hex over the bytes of the file. */
  readonly checksum: string;
}

/** A file that can be run, or what is wrong with it. */
export type ReadSqlFile =
  | { readonly kind: 'read'; readonly file: SqlFile }
  | { readonly kind: 'broken'; readonly what: string };

/** Reads `directory/name`. `shownDirectory` is how the directory is printed. */
export async function readSqlFile(directory: string, name: string, shownDirectory: string): Promise<ReadSqlFile> {
  const bytes = await readFile(path.join(directory, name));
  const checksum = createHash('sha256').update(bytes).digest('hex');
  const what = faultOf(bytes);
  if (what) return { kind: 'broken', what };
  return { kind: 'read', file: { path: `${shownDirectory}/${name}`, sql: decode(bytes)!, checksum } };
}

function faultOf(bytes: Buffer): string | undefined {
  // The server would stop reading at a NUL and report success for what comes before it.
  if (bytes.includes(0)) return `has a NUL byte at offset ${bytes.indexOf(0)}`;
  const text = decode(bytes);
  if (text === undefined) return 'is not UTF-8';
  return text.trim() === '' ? 'is empty' : undefined;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
