/**
 * What the bytes of an SQL file are: a text, and a checksum over them as they are; nothing is normalised. A checkout that changes line endings
 * therefore changes checksums; pin them with `*.sql -text` in .gitattributes where that may happen.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { WrittenSql } from '../postgres/sql-excerpt.ts';

export interface SqlFile {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string;
  /**
   * The text; a byte order mark at its start is left out, because the server takes it for SQL. Of a file that holds both
   * directions it is one section, behind as many line breaks as put it on its own lines.
   */
  readonly sql: string;
  /** sha256 hex over the bytes of the file; of a section, over the section from its marker on. */
  readonly checksum: string;
  /** Set where the file asks to be run statement by statement, outside any transaction. */
  readonly transaction?: 'none';
  /** Its text as written, where placeholders were filled in. */
  readonly written?: WrittenSql;
}

/** What no server should be sent. */
export interface BrokenSql {
  /** Follows the name of the file: `is not UTF-8`. */
  readonly what: string;
}

export type ReadSql = SqlFile | BrokenSql;

export function isBroken(read: ReadSql): read is BrokenSql {
  return 'what' in read;
}

/** The bytes of an SQL file as what can be sent, or what is wrong with them. */
export function sqlOfBytes(path: string, bytes: Buffer): ReadSql {
  if (isUtf8(bytes)) return sqlOfText(path, bytes.toString('utf8'));
  return { what: bytes.includes(0) ? nulAt(bytes) : 'is not UTF-8' };
}

/** The same for what was decoded from valid UTF-8: its bytes are those of the file. */
export function sqlOfText(path: string, text: string): ReadSql {
  // The server would stop reading at a NUL and report success for what comes before it.
  if (text.includes('\0')) return { what: nulAt(Buffer.from(text)) };
  return { path, sql: text.startsWith('\ufeff') ? text.slice(1) : text, checksum: sha256(text) };
}

/** sha256 in hex. */
export function sha256(content: Buffer | string): string {
  return hash('sha256', content);
}

function nulAt(bytes: Buffer): string {
  return `has a NUL byte at offset ${bytes.indexOf(0)}`;
}
