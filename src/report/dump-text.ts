/** A dump that was taken, and one that is being taken, for a terminal. */
import type { TakenDump } from '../model/dump.ts';
import { formatDuration } from '../model/duration.ts';
import { shortBytes } from '../model/table-size.ts';

/** Without a line break at its end. */
export function dumpText({ file, sidecar, durationMs }: TakenDump): string {
  const { bytes, dumpedBy, readBy, sha256, database, systemIdentifier, lsn, startedAt } = sidecar;
  return [
    `${file}: ${shortBytes(bytes)} in ${formatDuration(durationMs)}, by ${dumpedBy}`,
    `  of:      database ${database.name} (oid ${database.oid}), ${systemText(systemIdentifier)}`,
    `  holds:   what was committed before ${startedAt}${lsn === null ? '' : `, WAL position ${lsn}`}`,
    `  proven:  read to its end by ${readBy}`,
    `  sha256:  ${sha256}`,
  ].join('\n');
}

function systemText(systemIdentifier: string | null): string {
  return systemIdentifier === null
    ? 'system not known: this role may not ask for it (pg_control_system)'
    : `system ${systemIdentifier}`;
}

/** `340 MB written, 42 MB/s`. */
export function writingText(bytes: number, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? shortBytes((bytes * 1000) / elapsedMs) : '0 bytes';
  return `${shortBytes(bytes)} written, ${rate}/s`;
}
