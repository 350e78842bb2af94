/** What an archive of pg_dump says about itself: which database it is of and when it was begun. It proves nothing of the rest. */
import type { ArchiveFile } from '../../archive-files.ts';
import { formatOf } from '../../archive-format.ts';
import type { ReadingOptions } from '../../archive-reading.ts';
import { listedHead } from '../../pg-restore.ts';

export interface ArchiveHead {
  /** Undefined in a script, and where it cannot be listed. */
  readonly database?: string;
  /** An archive keeps no time zone: this is its clock time in the zone of this machine. */
  readonly begunAt?: Date;
  /** `15.18`. */
  readonly serverVersion?: string;
}

/** Empty for scripts and for what cannot be read: reading it to its end has the words for that. */
export async function readHead(
  file: ArchiveFile,
  { signal, pgRestore: program }: ReadingOptions,
): Promise<ArchiveHead> {
  const format = await formatOf(file).catch(() => undefined);
  if (format?.kind !== 'archive') return {};
  const lines = await listedHead({ file, packed: format.packed, format: format.name, program, signal });
  const after = (start: string): string | undefined => {
    const line = lines.find((one) => one.startsWith(start));
    return line?.slice(start.length).trim();
  };
  const database = after('dbname:');
  const begunAt = clockTime(after('Archive created at') ?? '');
  const serverVersion = after('Dumped from database version:')?.split(' ')[0];
  return {
    ...(database === undefined ? {} : { database }),
    ...(begunAt === undefined ? {} : { begunAt }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
  };
}

/** `2026-01-31 03:04:05 CET`. The zone is that of the reader, whoever wrote it. */
function clockTime(text: string): Date | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  return new Date(year, month - 1, day, hour, minute, second);
}
