/** Which kind of dump a file is, by its first bytes; names say nothing. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ArchiveFile } from './archive-files.ts';

export type ArchiveFormat =
  /** Read by pg_restore; `gzip` where the whole archive was compressed once more. */
  | { readonly kind: 'archive'; readonly name: 'custom' | 'tar' | 'directory'; readonly packed: 'no' | 'gzip' }
  /** SQL text, recognised by its header. */
  | { readonly kind: 'plain'; readonly packed: 'no' | 'gzip' }
  | { readonly kind: 'unknown'; readonly what: string };

const HEAD_BYTES = 600;
const TAR_MAGIC_AT = 257;

const OTHER_MAGIC: readonly (readonly [string, string])[] = [
  ['28b52ffd', 'compressed with zstd'],
  ['04224d18', 'compressed with lz4'],
  ['fd377a58', 'compressed with xz'],
  ['425a68', 'compressed with bzip2'],
  ['504b0304', 'a zip archive'],
];

/** Reads at most the first few hundred bytes. Rejects where the file cannot be opened or its compression is broken there. */
export async function formatOf(file: ArchiveFile): Promise<ArchiveFormat> {
  if (file.isFolder) return { kind: 'archive', name: 'directory', packed: 'no' };
  const raw = await headOf(createReadStream(file.path, { end: HEAD_BYTES - 1 }));
  if (raw.subarray(0, 2).toString('hex') !== '1f8b') return recognise(raw, 'no');
  return recognise(await headOf(openArchive(file.path, 'gzip')), 'gzip');
}

/** The bytes of a file, unpacked where they are packed. Errors of both come out of the one stream. */
export function openArchive(path: string, packed: 'no' | 'gzip'): Readable {
  const bytes = createReadStream(path);
  // A callback only so that the failure of one stream is carried to the other, instead of ending the process.
  return packed === 'no' ? bytes : pipeline(bytes, createGunzip(), () => undefined);
}

function recognise(head: Buffer, packed: 'no' | 'gzip'): ArchiveFormat {
  if (head.subarray(0, 5).toString('latin1') === 'PGDMP') return { kind: 'archive', name: 'custom', packed };
  if (head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5).toString('latin1') === 'ustar') {
    return { kind: 'archive', name: 'tar', packed };
  }
  if (/^-- PostgreSQL database (cluster )?dump$/m.test(head.toString('latin1'))) return { kind: 'plain', packed };
  const hex = head.subarray(0, 4).toString('hex');
  const other = OTHER_MAGIC.find(([magic]) => hex.startsWith(magic));
  return { kind: 'unknown', what: other?.[1] ?? 'neither an archive nor a script of pg_dump' };
}

async function headOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}
