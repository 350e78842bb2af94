/** What is known of a dump before all of it is read, and how that reads as evidence. */
import { formatDuration } from '../../../model/duration.ts';
import type { Evidence } from '../../../model/outcome.ts';
import type { ArchiveFile } from '../../archive-files.ts';
import { count, fact } from '../../outcome.ts';
import { type BackupQuestion, CLOCK_SKEW_MS, nowOf } from '../proof.ts';
import type { ArchiveHead } from './archive-head.ts';
import type { SidecarReading } from './sidecar.ts';

export interface KnownArchive {
  readonly question: BackupQuestion;
  readonly file: ArchiveFile;
  /** As printed. */
  readonly name: string;
  readonly head: ArchiveHead;
  readonly sidecar: SidecarReading;
  readonly begun: Begun;
}

export interface Begun {
  readonly at: Date;
  /** Where the time comes from. */
  readonly by: string;
}

/** What is in a dump is as of its beginning: the file may be younger by the time it took, or by a copy. */
export function begunOf(file: ArchiveFile, head: ArchiveHead, sidecar: SidecarReading): Begun {
  if (sidecar.kind === 'there') return { at: new Date(sidecar.sidecar.startedAt), by: 'its sidecar' };
  const { begunAt } = head;
  if (begunAt === undefined) return { at: file.modifiedAt, by: 'the time of its file: it says none itself' };
  if (begunAt.getTime() <= file.modifiedAt.getTime() + CLOCK_SKEW_MS) {
    return { at: begunAt, by: "its own word, read in this machine's time zone" };
  }
  return { at: file.modifiedAt, by: 'the time of its file: its own word is of another time zone' };
}

export function describeArchive({ question, file, name, head, sidecar, begun }: KnownArchive): readonly Evidence[] {
  const { database, maxAgeMs } = question;
  const ago = (at: Date): string => {
    const ageMs = nowOf(question).getTime() - at.getTime();
    return `${at.toISOString()}, ${formatDuration(Math.abs(ageMs))} ${ageMs < 0 ? 'ahead' : 'ago'}`;
  };
  const limit = `at most ${formatDuration(maxAgeMs)} ago`;
  const written = sidecar.kind === 'there' ? sidecar.sidecar : undefined;
  const databaseNamed = head.database ?? written?.database.name;
  return [
    fact('dump', name),
    fact('begun', `${ago(begun.at)}, by ${begun.by}`, limit),
    fact('file written', ago(file.modifiedAt), limit),
    fact('size', count(file.bytes, 'byte'), 'more than 0'),
    ...(databaseNamed === undefined ? [] : [fact('database', databaseNamed, database.database)]),
    fact('system', systemText(sidecar), database.systemIdentifier ?? 'not known: this role may not ask for it'),
    ...(written?.lsn ? [fact('holds what was committed before', written.lsn)] : []),
  ];
}

function systemText(sidecar: SidecarReading): string {
  if (sidecar.kind === 'unfit') return `not said: ${sidecar.why}`;
  if (sidecar.kind === 'none') return 'not said: no archive names its system, and no sidecar of Drydock is beside it';
  return sidecar.sidecar.systemIdentifier ?? 'not said: the role that took the dump might not ask for it';
}
