/**
 * Runs a statement that no transaction can hold. What an earlier attempt has done is read from the catalog: a finished index
 * is adopted, a build under way is waited for, debris is dropped and built again.
 */
import { assertNever } from '../model/assert-never.ts';
import { ProblemError } from '../model/problem.ts';
import { runConcurrently } from './concurrent-session.ts';
import { requireSameIndex } from './index-shape.ts';
import {
  globalObjectExists,
  indexState,
  partitionState,
  quoted,
  type ReindexDebris,
  reindexDebris,
  relationExists,
} from './index-state.ts';
import { policyFor } from './lock-policy.ts';
import { scriptOf } from './script.ts';
import type { SqlFile } from './sql-file.ts';
import { type SqlStatement, whereIs } from './sql-statement.ts';
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

type Lone<Kind extends LoneWork['kind']> = Extract<LoneWork, { kind: Kind }>;

const LOOK_EVERY_MS = 500;
/** A build says that it is done a moment before its last transaction commits. */
const LOOK_AGAIN_MS = 200;

/** Resolves when the statement's work is done, by whomever. Errors: a ProblemError with the place in the file. */
export async function runLone(work: Work, step: LoneStep): Promise<void> {
  const lone = step.work;
  switch (lone.kind) {
    case 'create-index':
      return buildIndex(work, step, lone);
    case 'drop-index':
      if (step.attempt === 'again' && !(await relationExists(work.session.client, lone.index)))
        return tellDone(work, step);
      return runStatement(work, step);
    case 'detach-partition':
      return detach(work, step, lone);
    case 'reindex':
      return reindex(work, step, lone);
    case 'global-object':
      if (step.attempt === 'again' && (await isGlobalDone(work, lone))) return tellDone(work, step);
      return runStatement(work, step);
    case 'block':
      if (step.attempt === 'again' && isAssumedDone(work, step)) return tellDone(work, step);
      return runStatement(work, step);
    case 'create-nameless-index':
    case 'other':
      return runStatement(work, step);
    default:
      return assertNever(lone);
  }
}

async function buildIndex(work: Work, step: LoneStep, lone: Lone<'create-index'>): Promise<void> {
  const state = await settledState(work, lone);
  if (state.kind === 'valid' && step.attempt === 'again') {
    await requireSameIndex(work.session.client, { ...step, lone });
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
async function settledState(work: Work, { table, index }: Lone<'create-index'>) {
  let before = 'absent';
  for (let told = false; ; ) {
    const state = await indexState(work.session.client, table, index);
    if (state.kind === 'building' && !told) {
      work.emit({ kind: 'waiting-for-build', index: state.name, pid: state.pid });
      told = true;
    }
    if (state.kind === 'absent' || state.kind === 'valid') return state;
    if (state.kind === 'invalid' && before === 'invalid') return state;
    before = state.kind;
    await work.clock.pause(state.kind === 'invalid' ? LOOK_AGAIN_MS : LOOK_EVERY_MS, work.signal);
  }
}

/** `name` is qualified and quoted. */
export async function dropDebris(work: Work, doing: string, name: string): Promise<void> {
  try {
    await runConcurrently(work, { doing, statement: `drop index concurrently if exists ${name}` });
  } catch (error) {
    throw asProblem(error, { doing: `${doing}, dropping the INVALID index ${name},` });
  }
  work.emit({ kind: 'debris-dropped', index: name });
}

/** Running it once more is harmless, except that what a cut-off attempt left would stay. */
async function reindex(work: Work, step: LoneStep, lone: Lone<'reindex'>): Promise<void> {
  if (lone.concurrently === 'no') return runStatement(work, step);
  const dropped = await dropReindexDebris(work, step.doing, lone);
  // The exchange is the last thing but the dropping of the old one: where that is left, the new one is in its place.
  if (step.attempt === 'again' && lone.of === 'index' && dropped === 'old') return tellDone(work, step);
  return runStatement(work, step);
}

/** What REINDEX CONCURRENTLY left INVALID when it was cut off. `old`: something that had been replaced already. */
export async function dropReindexDebris(
  work: Work,
  doing: string,
  lone: Lone<'reindex'>,
): Promise<'old' | 'new' | 'none'> {
  const debris = await settledDebris(work, lone);
  for (const { name } of debris) await dropDebris(work, doing, name);
  return debris.find(({ of }) => of === 'old')?.of ?? debris[0]?.of ?? 'none';
}

async function settledDebris(work: Work, lone: Lone<'reindex'>): Promise<readonly ReindexDebris[]> {
  for (const told = new Set<string>(); ; ) {
    const debris = await reindexDebris(work.session.client, lone);
    const live = debris.filter(({ builder }) => builder !== null);
    if (live.length === 0) return debris;
    for (const { name, builder } of live) {
      if (!told.has(name)) work.emit({ kind: 'waiting-for-build', index: name, pid: builder! });
      told.add(name);
    }
    await work.clock.pause(LOOK_EVERY_MS, work.signal);
  }
}

async function isGlobalDone(work: Work, lone: Lone<'global-object'>): Promise<boolean> {
  const exists = await globalObjectExists(work.session.client, lone);
  return exists === (lone.does === 'create');
}

/** Errors: `statement-in-doubt`, where nobody has said yet what became of it. */
function isAssumedDone(work: Work, { doing, file, statement }: LoneStep): boolean {
  if (work.inDoubt !== 'ask') return work.inDoubt === 'assume-done';
  throw new ProblemError({
    code: 'statement-in-doubt',
    message: `${doing}: an earlier attempt may have run this statement, and nothing in the database says whether it has`,
    found: whereIs(file, statement),
    expected: 'somebody who looks whether its work is done, wholly or in part',
    next: 'run the same command again with --in-doubt assume-done if it is done, or with --in-doubt run-again if it may be run once more',
  });
}

function tellDone(work: Work, { doing, statement, work: { kind } }: LoneStep): void {
  work.emit({
    kind: 'statement-done-already',
    doing,
    line: statement.line,
    how: kind === 'block' ? 'assumed' : 'found',
  });
}

/**
 * Its last step takes ACCESS EXCLUSIVE on the partition, so all of it waits briefly: a try that is over behind its first commit
 * has left the partition half detached, and the next one finalizes.
 */
async function detach(work: Work, step: LoneStep, lone: Lone<'detach-partition'>): Promise<void> {
  const { doing, statement } = step;
  const look = () => partitionState(work.session.client, lone);
  if (step.attempt === 'again' && (await look()) === 'detached') return tellDone(work, step);
  let isFirst = step.attempt === 'first';
  const next = async (): Promise<string | undefined> => {
    const state = isFirst ? 'attached' : await look();
    isFirst = false;
    if (state === 'detached') return undefined;
    if (state === 'attached') return statement.text;
    return `alter table ${quoted(lone.parent)} detach partition ${quoted(lone.child)} finalize`;
  };
  const policy = policyFor(work.policy, { kind: 'alone', statement, work: lone });
  try {
    await runConcurrently(work, { doing, statement: next, policy });
  } catch (error) {
    const failed = goOnFromHere(asProblem(error, { doing, source: sourceOf(step).source(0) }), lone);
    throw failed.problem.code === 'lock-timeout' && (await look()) === 'pending' ? halfDetached(failed, lone) : failed;
  }
}

function halfDetached({ problem, cause }: ProblemError, { parent, child }: Lone<'detach-partition'>): ProblemError {
  const expected = `no session whose transaction is older, or that uses ${quoted(child)}, for longer than a moment; the partition is half detached, and ${quoted(parent)} takes no rows for it any more`;
  return new ProblemError({ ...problem, expected }, { cause });
}

function sourceOf({ file, statement }: LoneStep) {
  return scriptOf({ before: [], file, statements: [statement], after: [] });
}

async function runStatement(work: Work, step: LoneStep): Promise<void> {
  const { doing, statement, work: lone } = step;
  const what = lone.kind === 'create-index' ? `${doing}, building ${lone.index.name},` : doing;
  const policy = policyFor(work.policy, { kind: 'alone', statement, work: lone });
  try {
    await runConcurrently(work, { doing: what, statement: statement.text, policy });
  } catch (error) {
    throw goOnFromHere(asProblem(error, { doing: what, source: sourceOf(step).source(0) }), lone);
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
  const again = lone.kind === 'block' ? 'the same command again with --in-doubt run-again' : 'the same command again';
  const next = `correct the cause, then run ${again}: it goes on from this statement; or run \`rollback\` to clear what is unfinished`;
  return new ProblemError({ ...problem, next }, { cause });
}
