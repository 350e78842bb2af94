/** Reads the sidecar of a dump and says whether it is this dump's: by size and checksum, not by its name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { DumpSidecar } from '../../../model/dump.ts';
import type { ArchiveFile } from '../../archive-files.ts';
import { sidecarOf } from './sidecar-name.ts';

export type SidecarReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'there'; readonly sidecar: DumpSidecar }
  | { readonly kind: 'unfit'; readonly why: string };

/** Without the checksum, which takes as long as reading the dump does. */
export async function readSidecar(file: ArchiveFile): Promise<SidecarReading> {
  const text = await readFile(sidecarOf(file.path), 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') {
    return text.code === 'ENOENT' ? { kind: 'none' } : { kind: 'unfit', why: `it cannot be read: ${text.code}` };
  }
  const sidecar = await parse(text);
  if (sidecar === undefined) return { kind: 'unfit', why: 'it is none that Drydock has written' };
  if (file.isFolder) return { kind: 'unfit', why: 'the dump is a folder, which Drydock never writes' };
  if (sidecar.bytes === file.bytes) return { kind: 'there', sidecar };
  return { kind: 'unfit', why: `it is of a dump of ${sidecar.bytes} bytes, and this one has ${file.bytes}` };
}

async function parse(text: string): Promise<DumpSidecar | undefined> {
  const { sidecarSchema } = await import('./sidecar-schema.ts');
  try {
    return sidecarSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Hex. Rejects when the signal aborts. */
export async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { ...(signal ? { signal } : {}) });
  return hash.digest('hex');
}
