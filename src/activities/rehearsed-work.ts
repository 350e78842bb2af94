/** How long the steps of a plan took together when they were rehearsed: what the length of its window is judged by. It changes nothing. */
import type pg from 'pg';
import type { MigrationPlan } from '../migrator/plan.ts';
import { rehearsalDigest, wholeSetDigest } from '../migrator/rehearsal/plan-digest.ts';
import { findRehearsal, findRehearsalOf } from '../migrator/rehearsal/rehearsal-store.ts';
import { assertNever } from '../model/assert-never.ts';
import type { Operation, PlannedStep } from '../model/plan.ts';
import type { Rehearsal, RehearsedMigration, RehearsedPass } from '../model/rehearsal.ts';
import type { Runbook } from '../model/runbook.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';

export interface WorkToDo {
  readonly operation: Operation;
  readonly steps: readonly PlannedStep[];
  /** With the repeatable ones, as a rehearsal has them. */
  readonly migrations: Pick<MigrationPlan, 'migrations'>;
  readonly checklist: Runbook['checklist'];
}

/** In milliseconds; undefined where no rehearsal is kept that went up and down, it may not be read, or it has not all of the steps. */
export async function rehearsedWorkMs(client: pg.ClientBase, work: WorkToDo): Promise<number | undefined> {
  const found = await rehearsalFor(client, work).catch(unlessNotAllowed);
  if (found?.verdict !== 'mirrors') return undefined;
  let sumMs = 0;
  for (const step of work.steps) {
    if (step.kind !== 'apply' && step.kind !== 'revert') continue;
    const pass = passOf(found.migrations, step);
    if (pass?.outcome !== 'done') return undefined;
    sumMs += pass.durationMs;
  }
  return sumMs;
}

async function rehearsalFor(client: pg.ClientBase, work: WorkToDo): Promise<Rehearsal | undefined> {
  const { operation, steps, migrations, checklist } = work;
  switch (operation) {
    case 'run': {
      const found = await findRehearsal(client, rehearsalDigest(migrations));
      return found && isYoungEnough(found, checklist) ? found : undefined;
    }
    case 'reset':
      return findRehearsal(client, wholeSetDigest(migrations));
    case 'rollback': {
      // It is applied by now, so no plan of pending ones has it any more.
      const last = steps.find((step) => step.kind === 'revert');
      return last && findRehearsalOf(client, last.migration);
    }
    default:
      return assertNever(operation);
  }
}

/** A role that may not read what another one has kept can migrate all the same. */
function unlessNotAllowed(error: unknown): undefined {
  if (sqlstateOf(error) !== '42501') throw error;
}

/** As the checklist wants it; whatever its age where the checklist does not ask. */
function isYoungEnough({ takenAt }: Rehearsal, checklist: Runbook['checklist']): boolean {
  const ageMs = Date.now() - Date.parse(takenAt);
  return checklist.every(({ spec }) => spec.kind !== 'rehearsal' || ageMs <= spec.maxAgeMs);
}

function passOf(
  rehearsed: readonly RehearsedMigration[],
  { kind, migration }: Extract<PlannedStep, { kind: 'apply' | 'revert' }>,
): RehearsedPass | null | undefined {
  const found = rehearsed.find(({ version }) => version === migration.version);
  return kind === 'apply' ? found?.up : found?.down;
}
