/**
 * Takes the checksums of other tools again, to see whether a file is still the one that they applied. Files may have been
 * checked out with other line endings since; tools that know of that are answered in both.
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { assertNever } from '../../model/assert-never.ts';
import type { SqlFile } from '../sql-file.ts';
import type { ForeignChecksum } from './history.ts';

/** Whether a whole file, not a section of one, has that checksum. */
export function matchesForeign(file: SqlFile, { kind, value }: ForeignChecksum): boolean {
  switch (kind) {
    case 'sha256':
      return [file.checksum, ...spellings(file.sql).map((text) => hash('sha256', text))].includes(value);
    case 'sha384':
      return spellings(file.sql).some((text) => hash('sha384', text) === value);
    case 'crc32-of-lines':
      return crc32OfLines(file.sql) === Number(value);
    default:
      return assertNever(kind);
  }
}

function spellings(text: string): string[] {
  const unix = text.replaceAll('\r\n', '\n');
  return [text, unix, unix.replaceAll('\n', '\r\n')];
}

/** Over every line without its ending, as a signed number of 32 bits. */
export function crc32OfLines(text: string): number {
  const lines = text.split(/\r\n|\n|\r/);
  return lines.reduce((sum, line) => crc32(line, sum), 0) | 0;
}
