/** The activity that makes the plan: what is on disk and in the ledger, as steps, pinned by a digest. It changes nothing. */
import { createHash } from 'node:crypto';
import { readIdentity } from '../checks/identity.ts';
import { withSession } from '../checks/session.ts';
import { type MigrationFile, readMigrations } from '../migrator/files.ts';
import { readLedger } from '../migrator/ledger.ts';
import { type MigrationPlan, planMigrations } from '../migrator/plan.ts';
import { requireMirror } from '../migrator/plan-problems.ts';
import { directoryOf } from '../migrator/runbook-directory.ts';
import { assertNever } from '../model/assert-never.ts';
import {
  nothingToDo,
  type Operation,
  type Plan,
  type PlanContent,
  type PlannedMigration,
  type PlannedStep,
  planText,
} from '../model/plan.ts';
import { ProblemError } from '../model/problem.ts';
import type { ExecutionStep, Runbook } from '../model/runbook.ts';
import { migrationName } from '../model/undo.ts';
import type { Attempt } from './alive.ts';
import type { PlanRequest } from './contract.ts';
import { type Dependencies, type Ground, groundOf } from './dependencies.ts';
import { withImpact } from './plan-impact.ts';
import { moduleDigest } from './seeds.ts';
import { withinClientWait } from './within-client-wait.ts';

/** Reads everything again: a plan is never made from what an earlier one remembered. */
export async function makePlan(
  deps: Dependencies,
  request: PlanRequest,
  attempt: Attempt,
): Promise<{ runbook: Runbook; plan: Plan }> {
  // The definition may have changed since the last plan: that is what a new plan is for.
  const ground = await groundOf(deps, { ...request, runbookDigest: '' });
  const { definition } = ground.loaded;
  const { files, repeatables } = await readMigrations(directoryOf(definition, deps.root));
  return withSession({ url: ground.url, signal: attempt.signal }, 'plan', async ({ client }) => {
    const identity = await readIdentity(client);
    const ledger = await readLedger(client, definition.ledgerSchema);
    const migrations = planMigrations(files, ledger.rows);
    refuseProblems(migrations);
    if (request.operation !== 'rollback') refuseUnfinished(migrations, request);
    if (request.operation === 'reset') requireConfirmed(ground, request);
    const planned = await stepsOf(deps, ground, request.operation, migrations);
    const { steps, ...beside } = await withImpact(client, { planned, files, locks: ground.target.view.locks });
    const content = contentOf(ground, request, { identity, migrations, steps });
    // A rehearsal knows of the repeatable ones too.
    const all = planMigrations([...files, ...repeatables], ledger.rows, ledger.repeatables);
    const wait = nothingToDo(content) ? {} : await withinClientWait(ground, client, { content, migrations: all });
    const digest = createHash('sha256').update(planText(content)).digest('hex');
    return { runbook: definition, plan: { ...content, digest, ...beside, ...wait } };
  });
}

type Read = Pick<PlanContent, 'identity' | 'steps'> & { readonly migrations: MigrationPlan };

function contentOf(
  { loaded, target }: Ground,
  request: PlanRequest,
  { identity, migrations, steps }: Read,
): PlanContent {
  const { name, title, ledgerSchema, placeholders, checklist, validation, window } = loaded.definition;
  const rows = migrations.migrations.filter((one) => one.state === 'applied');
  return {
    operation: request.operation,
    runbook: { name, title, digest: loaded.digest },
    target: target.view,
    identity,
    ledger: {
      schema: ledgerSchema,
      applied: rows.map((one) => ({ version: one.version, upChecksum: one.row.upChecksum })),
      unfinished: migrations.migrations.find((one) => one.state === 'unfinished')?.version ?? null,
    },
    ...(placeholders === undefined ? {} : { placeholders }),
    checklist: checklist.map(({ id, title: text, waivable }) => ({ id, title: text, waivable })),
    window: { ...window, ...target.view.window, ...request.window },
    steps,
    // A single step back leaves a schema that the validations are not about.
    validation: request.operation === 'rollback' ? [] : validation.map(({ id, title: text }) => ({ id, title: text })),
  };
}

async function stepsOf(
  deps: Dependencies,
  ground: Ground,
  operation: Operation,
  plan: MigrationPlan,
): Promise<PlannedStep[]> {
  const reverts = revertible(plan);
  switch (operation) {
    case 'rollback':
      return reverts.slice(0, 1).map(revertStep);
    case 'reset': {
      const all = plan.migrations.flatMap((one) => one.file ?? []);
      return [...reverts.map(revertStep), ...(await forward(deps, ground, all))];
    }
    case 'run':
      return forward(
        deps,
        ground,
        plan.pending.map((one) => one.file),
      );
    default:
      return assertNever(operation);
  }
}

/** From the last to the first; one that stopped half way is always the last. */
function revertible(plan: MigrationPlan): MigrationFile[] {
  const begun = plan.migrations.flatMap((one) =>
    one.state === 'applied' || one.state === 'unfinished' ? [one.file] : [],
  );
  return begun.reverse();
}

async function forward(
  deps: Dependencies,
  { loaded, target }: Ground,
  files: readonly MigrationFile[],
): Promise<PlannedStep[]> {
  const steps: PlannedStep[] = [];
  for (const step of loaded.definition.execution)
    steps.push(...(await forwardStep(deps, step, files, target.view.seeds ? 'seeds' : 'none')));
  return steps;
}

async function forwardStep(
  deps: Dependencies,
  step: ExecutionStep,
  files: readonly MigrationFile[],
  rows: 'seeds' | 'none',
): Promise<PlannedStep[]> {
  const { id, title } = step;
  switch (step.kind) {
    case 'status':
      return [{ kind: 'status', id, title, expect: step.expect }];
    case 'migrate':
      return files.map(applyStep);
    case 'seed': {
      if (rows === 'none') return [];
      return [
        { kind: 'seed', id, title, module: step.module, moduleDigest: await moduleDigest(deps.root, step.module) },
      ];
    }
    default:
      return assertNever(step);
  }
}

function applyStep(file: MigrationFile): PlannedStep {
  const migration = planned(file);
  return { kind: 'apply', id: `apply-${file.version}`, title: `Apply ${migrationName(migration)}`, migration };
}

function revertStep(file: MigrationFile): PlannedStep {
  const migration = planned(file);
  return { kind: 'revert', id: `revert-${file.version}`, title: `Revert ${migrationName(migration)}`, migration };
}

function planned(file: MigrationFile): PlannedMigration {
  requireMirror(file);
  const { version, name, up, down } = file;
  return { version, name, file: up.path, upChecksum: up.checksum, downChecksum: down.checksum };
}

/** One problem is told as it is; several are told together, so that they can be mended together. */
function refuseProblems({ problems }: MigrationPlan): void {
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw new ProblemError(first);
  throw new ProblemError({
    code: 'migrations-inconsistent',
    message: `files and ledger disagree in ${problems.length} places`,
    found: problems.map((problem) => `${problem.code}: ${problem.message}`).join('\n'),
    expected: 'every applied migration on disk as it was applied, and none before it pending',
    ...(first.next ? { next: first.next } : {}),
  });
}

/** What an unfinished migration has made was there before the run, and undoing all of it would not come back to that. */
function refuseUnfinished({ migrations }: MigrationPlan, { runbook, target }: PlanRequest): void {
  const unfinished = migrations.find((one) => one.state === 'unfinished');
  if (!unfinished) return;
  throw new ProblemError({
    code: 'migration-unfinished',
    message: `${migrationName(unfinished.file)} stopped half way, and a run cannot come back to a half`,
    found: `${unfinished.row.partsDone} of ${unfinished.row.partsTotal} parts are done, since ${unfinished.row.startedAt}`,
    expected: 'every migration whole, or not begun',
    next: `clear it first: pnpm tsx src/cli/${runbook}-migrate.ts rollback --target ${target}; then start the run again`,
  });
}

/** Dropping every table of a production is asked for twice, whoever starts it and from where. */
function requireConfirmed({ target }: Ground, { confirm }: PlanRequest): void {
  const { name, environment } = target.view;
  if (environment !== 'production' || confirm === name) return;
  throw new ProblemError({
    code: 'confirmation-missing',
    message: `a reset drops every table of the runbook, and ${name} is a production`,
    found: confirm ? `"confirm": ${JSON.stringify(confirm)}` : 'no "confirm" in the input',
    expected: `the name of the target: "confirm":"${name}"`,
    next: 'start it again with the confirmation, if that is what you want',
  });
}
