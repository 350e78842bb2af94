/** What pgBackRest has of our system in a stanza, taken out of what it says of all. */
import type { BackupInfo, StanzaInfo } from './info-schema.ts';

export interface StanzaState {
  readonly status: { readonly code: number; readonly message: string };
  /** All that the stanza has held: after an upgrade or a new cluster there are several. */
  readonly systems: readonly string[];
  /** Whether our system is among them; null where it is not known which is ours. */
  readonly holdsOurs: boolean | null;
  /** The one that finished last. */
  readonly lastBackup: BackupInfo | null;
  /** First and last WAL segment in the archive, by the timeline and the position after it. */
  readonly archiveMin: string | null;
  readonly archiveMax: string | null;
}

export function stateOf(stanza: StanzaInfo, systemIdentifier: string | null): StanzaState {
  const newestId = Math.max(0, ...stanza.db.map(({ id }) => id));
  const ours = stanza.db.filter((db) =>
    systemIdentifier === null ? db.id === newestId : db['system-id'] === systemIdentifier,
  );
  const isOurs = ({ database }: { database: { id: number; 'repo-key': number } }): boolean =>
    ours.some((db) => db.id === database.id && db['repo-key'] === database['repo-key']);
  const archives = stanza.archive.filter(isOurs);
  const byStop = stanza.backup.filter(isOurs).sort((a, b) => b.timestamp.stop - a.timestamp.stop);
  const segments = (of: 'min' | 'max'): string[] => archives.flatMap((one) => one[of] ?? []).sort();
  return {
    status: stanza.status,
    systems: [...new Set(stanza.db.map((db) => db['system-id']))],
    holdsOurs: systemIdentifier === null ? null : ours.length > 0,
    lastBackup: byStop[0] ?? null,
    archiveMin: segments('min')[0] ?? null,
    archiveMax: segments('max').at(-1) ?? null,
  };
}

/** True once the segment is in the archive, on whatever timeline. */
export function hasSegment({ archiveMax }: StanzaState, segment: string): boolean {
  return archiveMax !== null && archiveMax.slice(8) >= segment.slice(8);
}
