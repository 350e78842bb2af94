/**
 * Applies all pending migrations in one transaction: either every one of them is in the ledger afterwards, or none. What
 * cannot be in a transaction is refused before anything is begun.
 */
import pg from 'pg';
import { ProblemError } from '../model/problem.ts';
import type { ApplyOutcome } from './apply-pending.ts';
import type { SeveralPending } from './apply-several.ts';
import { ledgerName } from './ledger-table.ts';
import { policyFor } from './lock-policy.ts';
import { withLockRetries } from './lock-retries.ts';
import { keepLimits } from './locks/limited-script.ts';
import type { PendingMigration } from './plan.ts';
import { fullName } from './plan-problems.ts';
import { progressRecord } from './progress-record.ts';
import { CLEAN_SESSION, type Script, scriptOf } from './script.ts';
import { whereIs } from './sql-statement.ts';
import { type AnalysedFile, analyseFile } from './statements.ts';
import { asProblem, beginningOf, rollback, sendScript } from './step-transaction.ts';
import { transactionMode } from './transaction-control.ts';
import { send, type Work } from './work.ts';

interface Together {
  readonly pending: PendingMigration;
  readonly doing: string;
  readonly script: Script;
}

/** Errors: `needs-own-transaction`, and those of applying; nothing is kept then. */
export async function applyTogether(work: Work, { pending, state }: SeveralPending): Promise<readonly ApplyOutcome[]> {
  const files = await Promise.all(pending.map(requireTransactional));
  const steps = pending.map((one, index) => stepOf(work, one, files[index]!, { index, of: pending.length, state }));
  const doing = `applying ${pending.length} migrations in one transaction`;
  const statements = files.flatMap((file) => file.statements);
  const begun = new Set<PendingMigration>();
  try {
    const durations = await withLockRetries(work, {
      doing,
      policy: policyFor(work.policy, { kind: 'transaction', statements }),
      attempt: () => attemptAll(work, steps, begun),
      takeBack: () => rollback(work),
    });
    return pending.map(({ file: { version, name } }, index) => {
      const durationMs = durations[index]!;
      work.emit({ kind: 'migration-applied', migration: { version, name }, durationMs });
      return { version, name, outcome: 'applied', durationMs, observed: null };
    });
  } catch (error) {
    await rollback(work);
    throw asProblem(error, { doing });
  }
}

async function attemptAll(work: Work, steps: readonly Together[], begun: Set<PendingMigration>): Promise<number[]> {
  await send(work, ['begin;', ...beginningOf(work)].join('\n'));
  const durations: number[] = [];
  for (const { pending, doing, script } of steps) {
    const { version, name } = pending.file;
    const again = begun.has(pending);
    if (!again) work.emit({ kind: 'migration-started', migration: { version, name }, parts: 1, resumedAt: null });
    begun.add(pending);
    const startedAtMs = work.clock.nowMs();
    await sendScript(work, doing, script);
    durations.push(Math.round(work.clock.nowMs() - startedAtMs));
  }
  await send(work, `${durationsSql(work, steps, durations)}\ncommit;`);
  return durations;
}

interface Place {
  readonly index: number;
  readonly of: number;
  readonly state: SeveralPending['state'];
}

function stepOf(work: Work, pending: PendingMigration, up: AnalysedFile, { index, of, state }: Place): Together {
  const { file } = pending;
  const doing = `applying ${fullName(file)}`;
  const { statements } = up;
  const { between, events } = keepLimits(work.policy, { doing, statements, session: 'fresh' });
  for (const event of events) work.emit(event);
  const ledger = index === 0 ? state : 'present';
  const record = progressRecord(work, { file, row: null, ledger, catalog: index === of - 1 ? 'keep' : 'leave' }, 1);
  const after = ['reset session authorization;', ...record.next()];
  return { pending, doing, script: scriptOf({ before: [CLEAN_SESSION], file: file.up, statements, after, between }) };
}

/** Rows are timed by their transaction, which is one for all: here each gets its own time. */
function durationsSql({ ledgerSchema }: Work, steps: readonly Together[], durations: readonly number[]): string {
  const values = steps
    .map(({ pending }, index) => `(${pg.escapeLiteral(pending.file.version)}, ${durations[index]})`)
    .join(', ');
  const name = ledgerName(ledgerSchema);
  return `update ${name} set duration_ms = taken.ms from (values ${values}) as taken (version, ms) where ${name}.version = taken.version;`;
}

async function requireTransactional({ file, row }: PendingMigration): Promise<AnalysedFile> {
  const analysed = await analyseFile(file.up);
  const alone = analysed.parts.find((part) => part.kind === 'alone');
  if (row)
    throw refused(fullName(file), 'it was begun and is unfinished', 'run `migrate` without --one-transaction first');
  if (alone?.kind === 'alone') throw refused(fullName(file), whereIs(file.up, alone.statement), WITHOUT);
  // Its author counts on each statement being committed before the next one.
  if (transactionMode(file.up) === 'none') throw refused(fullName(file), 'the file asks for no transaction', WITHOUT);
  return analysed;
}

const WITHOUT = 'run `migrate` without --one-transaction';

function refused(name: string, found: string, next: string): ProblemError {
  return new ProblemError({
    code: 'needs-own-transaction',
    message: `${name} cannot be in one transaction with others`,
    found,
    expected: 'statements only that PostgreSQL allows in a transaction',
    next,
  });
}
