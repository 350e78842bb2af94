/**
 * Runs a statement that no transaction can hold. What an earlier attempt has done is read from the catalog: a finished index
 * is adopted, a build under way is waited for, debris is dropped and built again.
 */
import { assertNever } from '../model/assert-never.ts';
import { ProblemError } from '../model/problem.ts';
import { runConcurrently } from './concurrent-session.ts';
import { indexState, partitionState, quoted, relationExists } from './index-state.ts';
import { scriptOf } from './script.ts';
import type { SqlFile } from './sql-file.ts';
import type { SqlStatement } from './sql-statement.ts';
import type { LoneWork } from './statement-kinds.ts';
import { asProblem } from './step-transaction.ts';
import type { Work } from './work.ts';

export interface LoneStep {
  readonly doing: string;
  readonly file: SqlFile;
  readonly statement: SqlStatement;
  readonly work: LoneWork;
  /** `again`: an earlier attempt may have got as far as this statement. */
  readonly attempt: 'first' | 'again';
}

const LOOK_EVERY_MS = 500;

/** Resolves when the statement's work is done, by whomever. Errors: a ProblemError with the place in the file. */
export async function runLone(work: Work, step: LoneStep): Promise<void> {
  const lone = step.work;
  switch (lone.kind) {
    case 'create-index':
      return buildIndex(work, step, lone);
    case 'drop-index':
      if (step.attempt === 'again' && !(await relationExists(work.session.client, lone.index))) return;
      return runStatement(work, step);
    case 'detach-partition':
      return detach(work, step, lone);
    case 'create-nameless-index':
    case 'other':
      return runStatement(work, step);
    default:
      return assertNever(lone);
  }
}

async function buildIndex(work: Work, step: LoneStep, lone: Extract<LoneWork, { kind: 'create-index' }>) {
  const state = await settledState(work, lone);
  if (state.kind === 'valid' && step.attempt === 'again') {
    return work.emit({ kind: 'index-adopted', index: state.name });
  }
  // Without this, IF NOT EXISTS would take the debris for the index.
  if (state.kind === 'invalid') await dropDebris(work, step.doing, state.name);
  await runStatement(work, step);
  const built = await indexState(work.session.client, lone.table, lone.index);
  if (built.kind === 'valid') return;
  throw new ProblemError({
    code: 'index-not-valid',
    message: `${step.doing} failed: index ${quoted(lone.index)} is ${built.kind} after it was built`,
    found: `${step.file.path}:${step.statement.line}`,
    expected: 'an index that is valid',
    next: 'run the same command again: what is left of it is dropped and built again',
    retry: 'retry',
  });
}

/** Waits while another backend builds the index: dropping it would throw its work away. */
async function settledState(work: Work, { table, index }: Extract<LoneWork, { kind: 'create-index' }>) {
  for (let told = false; ; told = true) {
    const state = await indexState(work.session.client, table, index);
    if (state.kind !== 'building') return state;
    if (!told) work.emit({ kind: 'waiting-for-build', index: state.name, pid: state.pid });
    await work.clock.pause(LOOK_EVERY_MS, work.signal);
  }
}

/** `name` is qualified and quoted. */
export async function dropDebris(work: Work, doing: string, name: string): Promise<void> {
  try {
    await runConcurrently(work, doing, `drop index concurrently if exists ${name}`);
  } catch (error) {
    throw asProblem(error, { doing: `${doing}, dropping the INVALID index ${name},` });
  }
  work.emit({ kind: 'debris-dropped', index: name });
}

async function detach(work: Work, step: LoneStep, lone: Extract<LoneWork, { kind: 'detach-partition' }>) {
  const state = await partitionState(work.session.client, lone);
  if (step.attempt === 'first' || state === 'attached') return runStatement(work, step);
  if (state === 'detached') return;
  const sql = `alter table ${quoted(lone.parent)} detach partition ${quoted(lone.child)} finalize`;
  await runConcurrently(work, step.doing, sql);
}

async function runStatement(work: Work, { doing, file, statement, work: lone }: LoneStep): Promise<void> {
  const script = scriptOf({ before: [], file, statements: [statement], after: [] });
  const what = lone.kind === 'create-index' ? `${doing}, building ${lone.index.name},` : doing;
  try {
    await runConcurrently(work, what, statement.text);
  } catch (error) {
    throw goOnFromHere(asProblem(error, { doing: what, source: script.source(0) }), lone);
  }
}

/** Unlike a transaction, it may have left something, and the parts before it are done. */
function goOnFromHere(error: ProblemError, lone: LoneWork): ProblemError {
  const { problem, cause } = error;
  if (problem.code === 'interrupted' && lone.kind === 'create-index') {
    const found = `the build of ${lone.index.name} was cut off; what is left of it is dropped and built again`;
    return new ProblemError({ ...problem, found }, { cause });
  }
  if (problem.retry === 'retry') return error;
  const next =
    'correct the cause, then run the same command again: it goes on from this statement; or run `rollback` to clear what is unfinished';
  return new ProblemError({ ...problem, next }, { cause });
}
