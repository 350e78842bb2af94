/** One dump, from what is cheap to know to what takes long: its file, what it says of itself, its sidecar, and reading all of it. */
import { formatDuration } from '../../../model/duration.ts';
import type { Evidence } from '../../../model/outcome.ts';
import type { ProblemInput } from '../../../model/problem.ts';
import type { ArchiveFile } from '../../archive-files.ts';
import { type ArchiveReading, type ReadingOptions, readArchive } from '../../archive-reading.ts';
import { notWhole, refusal } from '../../dump-problems.ts';
import { fact } from '../../outcome.ts';
import { type BackupQuestion, CLOCK_SKEW_MS, nowOf } from '../proof.ts';
import { begunOf, describeArchive, type KnownArchive } from './archive-facts.ts';
import { readHead } from './archive-head.ts';
import {
  begunInTheFuture,
  begunTooLongAgo,
  namesNone,
  otherDatabase,
  otherSystem,
  sidecarUnfit,
} from './archive-problems.ts';
import { readSidecar, type SidecarReading, sha256Of } from './sidecar.ts';

interface Looked {
  /** As printed. */
  readonly name: string;
  readonly evidence: readonly Evidence[];
  readonly read: 'no' | 'to its end';
  readonly origin: 'this' | 'other' | 'unknown';
  /** Of one that counts: `this system, by its sidecar`; else why it does not. */
  readonly why: string;
}

export type Judged =
  | (Looked & { readonly kind: 'counts'; readonly ageMs: number })
  | (Looked & { readonly kind: 'refused'; readonly problem: ProblemInput });

export interface ArchiveQuestion extends BackupQuestion {
  /** Undefined: there is none. */
  readonly pgRestore: string | undefined;
}

/** Rejects when the signal aborts. */
export async function judgeArchive(question: ArchiveQuestion, file: ArchiveFile, name: string): Promise<Judged> {
  const { maxAgeMs, context, pgRestore } = question;
  const ageMs = nowOf(question).getTime() - file.modifiedAt.getTime();
  const early = refusal(name, file, { ageMs, maxAgeMs });
  const reading = { signal: context.signal, pgRestore };
  const [head, sidecar] =
    file.bytes === 0 ? [{}, NO_SIDECAR] : [await readHead(file, reading), await readSidecar(file)];
  const known: KnownArchive = { question, file, name, head, sidecar, begun: begunOf(file, head, sidecar) };
  const evidence = describeArchive(known);
  const problem = early ?? doubt(known);
  if (problem !== undefined) return refused({ name, evidence, read: 'no', origin: originOf(known) }, problem);
  return readToTheEnd(known, evidence, reading);
}

const NO_SIDECAR: SidecarReading = { kind: 'none' };

function doubt({ question, name, head, sidecar, begun }: KnownArchive): ProblemInput | undefined {
  const { database, maxAgeMs } = question;
  if (head.database !== undefined && head.database !== database.database) {
    return otherDatabase(name, [head.database], database.database);
  }
  if (sidecar.kind === 'unfit') return sidecarUnfit(name, sidecar.why);
  if (sidecar.kind === 'there') {
    const { systemIdentifier, database: dumped } = sidecar.sidecar;
    if (dumped.name !== database.database) return otherDatabase(name, [dumped.name], database.database);
    const other = systemIdentifier !== null && database.systemIdentifier !== null;
    if (other && systemIdentifier !== database.systemIdentifier) {
      return otherSystem(name, `system ${systemIdentifier}`, `system ${database.systemIdentifier}`);
    }
    if (dumped.oid !== database.oid)
      return otherSystem(name, `database oid ${dumped.oid}`, `database oid ${database.oid}`);
  }
  const ageMs = nowOf(question).getTime() - begun.at.getTime();
  if (ageMs < -CLOCK_SKEW_MS) return begunInTheFuture(name, { ...begun, ageMs, maxAgeMs });
  return ageMs > maxAgeMs ? begunTooLongAgo(name, { ...begun, ageMs, maxAgeMs }) : undefined;
}

function originOf({ question, head }: KnownArchive): Looked['origin'] {
  if (head.database === undefined) return 'unknown';
  return head.database === question.database.database ? 'this' : 'other';
}

async function readToTheEnd(
  known: KnownArchive,
  described: readonly Evidence[],
  options: ReadingOptions,
): Promise<Judged> {
  const { question, file, name, begun, sidecar } = known;
  const reading = await withProgress(question, name, () => readArchive(file, options));
  const checksum = sidecar.kind === 'there' && reading.kind === 'whole' ? await checksumOf(known) : undefined;
  const evidence = [
    ...described,
    fact('format', reading.format),
    fact('read to the end', readingText(reading), 'whole'),
    ...(checksum === undefined ? [] : [checksum.evidence]),
  ];
  const looked = { name, evidence, read: 'to its end', origin: originOf(known) } as const;
  if (reading.kind !== 'whole') return refused(looked, notWhole(name, reading));
  if (checksum?.problem) return refused(looked, checksum.problem);
  const stranger = strangerIn(known, reading);
  if (stranger !== undefined) return refused({ ...looked, origin: 'other' }, stranger);
  const ageMs = nowOf(question).getTime() - begun.at.getTime();
  return { kind: 'counts', ...looked, ageMs, why: provenBy(known) };
}

/** A script says which database it is of only where it connects to it. */
function strangerIn(
  { question, head, name, sidecar }: KnownArchive,
  reading: ArchiveReading,
): ProblemInput | undefined {
  if (head.database !== undefined || sidecar.kind === 'there' || reading.kind !== 'whole') return undefined;
  const { database } = question.database;
  const names = reading.connectsTo ?? [];
  if (names.length === 0) return namesNone(name, database);
  return names.includes(database) ? undefined : otherDatabase(name, names, database);
}

async function checksumOf({
  file,
  name,
  question,
  sidecar,
}: KnownArchive): Promise<{ evidence: Evidence; problem?: ProblemInput }> {
  const expected = sidecar.kind === 'there' ? sidecar.sidecar.sha256 : '';
  const found = await withProgress(question, name, () => sha256Of(file.path, question.context.signal));
  const evidence = fact('sha256', found, `${expected}, by its sidecar`);
  return found === expected
    ? { evidence }
    : { evidence, problem: sidecarUnfit(name, 'its checksum is of another dump') };
}

function provenBy({ question, sidecar }: KnownArchive): string {
  const { systemIdentifier } = question.database;
  const bySidecar = sidecar.kind === 'there' && sidecar.sidecar.systemIdentifier !== null && systemIdentifier !== null;
  return bySidecar
    ? 'this database on this system, by its sidecar'
    : 'a database of this name; which system, it does not say';
}

function refused(looked: Omit<Looked, 'why'>, problem: ProblemInput): Judged {
  return { kind: 'refused', ...looked, problem, why: [problem.code, problem.found].filter(Boolean).join(', ') };
}

function readingText(reading: ArchiveReading): string {
  return reading.kind === 'whole' ? `whole, by ${reading.readBy}` : `${reading.kind}: ${reading.reason}`;
}

const PROGRESS_EVERY_MS = 1_000;

async function withProgress<T>({ context }: BackupQuestion, name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const tell = (): void =>
    context.onProgress?.(`reading ${name} to its end, ${formatDuration(performance.now() - startedAt)} so far`);
  const timer = setInterval(tell, PROGRESS_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
