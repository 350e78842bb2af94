/**
 * Applies pending migrations in order: many at once where they are plain and fresh, each by itself where they are not, or
 * where doing many at once did not work. Which way a file takes changes nothing about what is done.
 */
import { applyBatch } from './apply-batch.ts';
import { type ApplyOutcome, applyPending } from './apply-pending.ts';
import { type BatchFile, batchFile } from './batch-file.ts';
import type { PlainFile } from './batch-message.ts';
import type { CatalogAfter } from './drift/keep-catalog.ts';
import type { Ledger } from './ledger.ts';
import type { PendingMigration } from './plan.ts';
import { analyseFile } from './statements.ts';
import type { Work } from './work.ts';

export interface SeveralPending {
  /** At least one; in order. */
  readonly pending: readonly PendingMigration[];
  readonly state: Ledger['state'];
}

/** So many are looked at before the first of them is begun, and sent in one message at the most. */
const MOST_FILES = 50;
const MOST_CHARACTERS = 256 * 1024;

/** Errors: those of applying; `migration-syntax` and its like before the first of the next fifty is begun. */
export async function applySeveral(work: Work, { pending, state }: SeveralPending): Promise<readonly ApplyOutcome[]> {
  const outcomes: ApplyOutcome[] = [];
  const last = pending.at(-1)!;
  let next = looked(work, pending, 0);
  for (let from = 0; from < pending.length; from += MOST_FILES) {
    const files = await next;
    // While the server works on these, the next ones are read.
    next = looked(work, pending, from + MOST_FILES);
    next.catch(() => undefined);
    const now = outcomes.length > 0 ? 'present' : state;
    outcomes.push(...(await applyWindow(work, { files, state: now, last })));
  }
  return outcomes;
}

interface Window extends Pick<SeveralPending, 'state'> {
  readonly files: readonly BatchFile[];
  readonly last: PendingMigration;
}

async function applyWindow(work: Work, { files, state, last }: Window): Promise<readonly ApplyOutcome[]> {
  const outcomes: ApplyOutcome[] = [];
  while (outcomes.length < files.length) {
    const now = outcomes.length > 0 ? 'present' : state;
    const run = plainRun(files, outcomes.length);
    const done = run.length > 0 ? await applyBatch(work, { files: run, state: now, last }) : [];
    outcomes.push(...done);
    // It was not plain, or somebody was in the way: by itself, with all that belongs to that.
    if (done.length < run.length || run.length === 0) {
      const { pending } = files[outcomes.length]!;
      const step = { pending, up: await analyseFile(pending.file.up), catalog: catalogAfter(pending, last) };
      outcomes.push(await applyPending(work, { ...step, state: outcomes.length > 0 ? 'present' : state }));
    }
  }
  return outcomes;
}

function catalogAfter(pending: PendingMigration, last: PendingMigration): CatalogAfter {
  return pending === last ? 'keep' : 'leave';
}

/** The next files, looked at. Errors: those of reading SQL. */
function looked(work: Work, pending: readonly PendingMigration[], from: number): Promise<readonly BatchFile[]> {
  return Promise.all(pending.slice(from, from + MOST_FILES).map((one) => batchFile(work, one)));
}

/** As many neighbours as may travel together. */
function plainRun(files: readonly BatchFile[], from: number): PlainFile[] {
  const run: PlainFile[] = [];
  let characters = 0;
  for (let at = from; at < files.length; at += 1) {
    const file = files[at]!;
    if (file.kind !== 'plain') break;
    characters += file.sql.length;
    if (run.length > 0 && characters > MOST_CHARACTERS) break;
    run.push(file);
  }
  return run;
}
