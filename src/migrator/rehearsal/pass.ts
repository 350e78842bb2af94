/**
 * One migration in one direction on the throw-away database: what it did wrong is found and told, not thrown. It does not know
 * which direction comes next.
 */
import { isProblemError, type Problem } from '../../model/problem.ts';
import type { RehearsedMigration, RehearsedPass } from '../../model/rehearsal.ts';
import type { MigrationFile } from '../files.ts';
import { type ApplyOutcome, type ApplyRequest, applyRequested } from '../migrate.ts';
import { type RevertOutcome, type UndoRequest, undoRequested } from '../roll-back.ts';
import type { Work } from '../work.ts';
import type { OnRehearsalEvent, Stage } from './rehearsal-events.ts';

export type MigrationRecord = { -readonly [Key in keyof RehearsedMigration]: RehearsedMigration[Key] };

/** The real steps of the migrator. */
export interface Steps {
  up(request: ApplyRequest): Promise<ApplyOutcome>;
  down(request: UndoRequest): Promise<RevertOutcome>;
}

/** As the only migrator there, with the files as they were read once. Nobody asks a throw-away database for drift. */
export function stepsOf(work: Work, files: readonly MigrationFile[]): Steps {
  return {
    up: (request) => applyRequested(work, files, request, 'leave'),
    down: (request) => undoRequested(work, files, request, 'leave'),
  };
}

export interface PassGround {
  readonly steps: Steps;
  /** Added to. */
  readonly problems: Problem[];
  readonly emit: OnRehearsalEvent;
  readonly signal: AbortSignal | undefined;
}

/** Errors: `interrupted` and those of a lost server. */
export function passUp(ground: PassGround, record: MigrationRecord, stage: Stage): Promise<RehearsedPass> {
  const { version, upChecksum } = record;
  return pass(ground, { record, stage, run: () => ground.steps.up({ version, upChecksum }) });
}

/** The same errors. */
export function passDown(ground: PassGround, record: MigrationRecord, downChecksum: string): Promise<RehearsedPass> {
  const { version } = record;
  return pass(ground, { record, stage: 'down', run: () => ground.steps.down({ version, downChecksum }) });
}

/** A migration of several parts that failed half-way is cleared as `rollback` would; one that cannot be is a finding too. */
export async function clear({ steps, problems, signal }: PassGround, record: MigrationRecord): Promise<void> {
  const { version, downChecksum } = record;
  if (downChecksum === null) return;
  try {
    await steps.down({ version, downChecksum });
  } catch (error) {
    problems.push(findingOf(error, signal));
  }
}

interface PassPlan {
  readonly stage: Stage;
  readonly record: MigrationRecord;
  readonly run: () => Promise<ApplyOutcome | RevertOutcome>;
}

async function pass({ problems, emit, signal }: PassGround, { stage, record, run }: PassPlan): Promise<RehearsedPass> {
  const migration = { version: record.version, name: record.name };
  const startedAtMs = performance.now();
  try {
    const outcome = await run();
    const [durationMs, observed] = outcome.outcome === 'nothing' ? [0, null] : [outcome.durationMs, outcome.observed];
    emit({ kind: 'rehearsed', stage, migration, durationMs });
    return { outcome: 'done', durationMs, observed };
  } catch (error) {
    const problem = findingOf(error, signal);
    problems.push(problem);
    emit({ kind: 'stage-failed', stage, migration, problem });
    return { outcome: 'failed', durationMs: Math.round(performance.now() - startedAtMs), observed: null };
  }
}

const ENDS: readonly string[] = ['interrupted', 'connection-lost', 'database-unreachable', 'too-many-connections'];

/** What a migration did wrong is a finding; an end of the rehearsal itself is not. */
function findingOf(error: unknown, signal: AbortSignal | undefined): Problem {
  const ours = signal?.aborted || !isProblemError(error) || ENDS.includes(error.problem.code);
  if (ours) throw error;
  return error.problem;
}
