/**
 * Dumps that the target's patterns find, as a provider: the newest that is of this database, young enough and whole to its
 * end. That it is of this very system only a sidecar can say that Drydock wrote; what is found says which of the two it was.
 */
import path from 'node:path';
import { formatDuration } from '../../../model/duration.ts';
import type { CheckOutcome, Evidence } from '../../../model/outcome.ts';
import { interrupted } from '../../../postgres/clock.ts';
import { type ArchiveFile, findArchives } from '../../archive-files.ts';
import { nothingFound } from '../../dump-problems.ts';
import { fact, failed, passed } from '../../outcome.ts';
import { findPgRestore } from '../dump/dump-programs.ts';
import { type AskProvider, type BackupQuestion, nowOf } from '../proof.ts';
import { type Judged, judgeArchive } from './judge-archive.ts';

/** So many are looked at, the newest first: a folder may hold the dumps of years, and of many databases. */
const MOST_LOOKED_AT = 100;
/** So many are read to their end before it is given up: each may take long. */
const MOST_READ = 3;

export const askArchives: AskProvider<'archives'> = async (question, { paths }) => {
  const { context } = question;
  const found = await findArchives(paths, context.root);
  if (found.length === 0) return failed(context, nothingFound(paths), [fact('looked for', paths.join(', '))]);
  try {
    const judged = await judgeInTurn(question, found);
    return conclude(question, found.length, judged);
  } catch (error) {
    throw context.signal?.aborted ? interrupted() : error;
  }
};

/** Until one counts, or the rest is older still. The last one is the one that counts, if any does. */
async function judgeInTurn(question: BackupQuestion, found: readonly ArchiveFile[]): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  const pgRestore = await findPgRestore(question.database.serverVersion);
  for (const file of found.slice(0, MOST_LOOKED_AT)) {
    const tooOld = nowOf(question).getTime() - file.modifiedAt.getTime() > question.maxAgeMs;
    if (tooOld && judged.length > 0) break;
    const one = await judgeArchive({ ...question, pgRestore }, file, shown(question, file));
    judged.push(one);
    if (one.kind === 'counts') break;
    if (judged.filter(({ read }) => read === 'to its end').length >= MOST_READ) break;
  }
  return judged;
}

function conclude(question: BackupQuestion, archives: number, judged: readonly Judged[]): CheckOutcome {
  const { context } = question;
  const last = judged.at(-1)!;
  // Where none counts: the newest of this database says most, and else the newest.
  const told = last.kind === 'counts' ? last : (judged.find(({ origin }) => origin !== 'other') ?? judged[0]!);
  const over = judged.filter((one) => one !== told);
  const evidence: Evidence[] = [
    fact('archives found', archives),
    ...told.evidence,
    ...(over.length === 0 ? [] : [fact('passed over', over.map(({ name, why }) => `${name}: ${why}`).join('\n'))]),
  ];
  if (told.kind === 'refused') return failed(context, told.problem, evidence);
  const age = formatDuration(Math.max(0, told.ageMs));
  return passed(context, `${told.name} is ${age} old, whole, and of ${told.why}`, evidence);
}

/** Below the checkout relative to it, else absolute. */
function shown({ context: { root } }: BackupQuestion, file: ArchiveFile): string {
  const relative = path.relative(root, file.path);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file.path : relative;
}
