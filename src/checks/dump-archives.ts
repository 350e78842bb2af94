/**
 * Is there a logical backup to go back to: the newest dump that the target's patterns find is young enough, not empty and
 * whole to its end? It does not prove which database the dump is of.
 */
import path from 'node:path';
import { formatDuration } from '../model/duration.ts';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import { interrupted } from '../postgres/clock.ts';
import { type ArchiveFile, findArchives } from './archive-files.ts';
import { type ArchiveReading, readArchive } from './archive-reading.ts';
import type { Check, CheckContext } from './context.ts';
import { type Age, noPatterns, nothingFound, notWhole, refusal } from './dump-problems.ts';
import { count, fact, failed, passed } from './outcome.ts';

const PROGRESS_EVERY_MS = 1_000;

export const checkDumpArchives: Check<'dump-archives'> = async (context, { maxAgeMs }) => {
  const { archives } = context.target.backups;
  if (archives.length === 0) return failed(context, noPatterns(context.target.name), []);
  const found = await findArchives(archives, context.root);
  const newest = found[0];
  if (newest === undefined) return failed(context, nothingFound(archives), [fact('looked for', archives.join(', '))]);
  const ageMs = (context.now?.() ?? new Date()).getTime() - newest.modifiedAt.getTime();
  const evidence = describe(context, found, newest, { ageMs, maxAgeMs });
  const problem = refusal(shown(context, newest), newest, { ageMs, maxAgeMs });
  if (problem !== undefined) return failed(context, problem, evidence);
  return judge(context, newest, ageMs, evidence);
};

async function judge(
  context: CheckContext,
  file: ArchiveFile,
  ageMs: number,
  evidence: readonly Evidence[],
): Promise<CheckOutcome> {
  const reading = await readWithProgress(context, file);
  const all = [...evidence, fact('format', reading.format), fact('read to the end', readingText(reading), 'whole')];
  const name = shown(context, file);
  if (reading.kind === 'whole') {
    const age = formatDuration(Math.max(0, ageMs));
    return passed(context, `${name} is ${age} old and whole, read by ${reading.readBy}`, all);
  }
  return failed(context, notWhole(name, reading), all);
}

async function readWithProgress(context: CheckContext, file: ArchiveFile): Promise<ArchiveReading> {
  const { onProgress, signal } = context;
  const startedAt = performance.now();
  const tell = (): void =>
    onProgress?.(`reading ${shown(context, file)} to its end, ${formatDuration(performance.now() - startedAt)} so far`);
  const timer = setInterval(tell, PROGRESS_EVERY_MS);
  try {
    return await readArchive(file, { signal });
  } catch (error) {
    throw signal?.aborted ? interrupted() : error;
  } finally {
    clearInterval(timer);
  }
}

function describe(
  context: CheckContext,
  found: readonly ArchiveFile[],
  newest: ArchiveFile,
  { ageMs, maxAgeMs }: Age,
): readonly Evidence[] {
  return [
    fact('archives found', found.length),
    fact('newest', shown(context, newest)),
    fact(
      'written',
      `${newest.modifiedAt.toISOString()}, ${formatDuration(Math.abs(ageMs))} ${ageMs < 0 ? 'ahead' : 'ago'}`,
      `at most ${formatDuration(maxAgeMs)} ago`,
    ),
    fact('size', count(newest.bytes, 'byte'), 'more than 0'),
  ];
}

function readingText(reading: ArchiveReading): string {
  return reading.kind === 'whole' ? `whole, by ${reading.readBy}` : `${reading.kind}: ${reading.reason}`;
}

/** Below the checkout relative to it, else absolute. */
function shown({ root }: CheckContext, file: ArchiveFile): string {
  const relative = path.relative(root, file.path);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file.path : relative;
}
