/** First phase: make the plan and claim the database. Nothing of the target is changed but the claim's own row. */
import type { ItemRef } from '../../model/event.ts';
import { type Plan, type PlannedStep, shortDigest } from '../../model/plan.ts';
import { perform } from './options.ts';
import type { Run } from './run.ts';
import { marksAndAnalyses } from './versions.ts';
import { windowItems } from './window-items.ts';

const PLAN: ItemRef = { phase: 'load', id: 'plan', title: 'Make the plan' };
const CLAIM: ItemRef = { phase: 'load', id: 'claim', title: 'Claim the database' };

/** Makes the plan, or makes it again; gives it back without installing it. */
export async function makePlan(run: Run, summary: string): Promise<Plan> {
  const request = { ...run.ref, operation: run.operation, window: run.input.window, confirm: run.input.confirm };
  const { runbook, plan } = await perform('makePlan', 'read', summary, request, run.journal.plan?.target.taskQueue);
  run.runbook = runbook;
  return plan;
}

/** From here on this is the plan that is shown, approved and carried out. */
export function installPlan(run: Run, plan: Plan): void {
  run.journal.plan = plan;
  run.ref = { ...run.ref, runbookDigest: plan.runbook.digest };
  const migrations = plan.steps.filter((step) => step.kind === 'apply' || step.kind === 'revert').length;
  run.journal.record({
    kind: 'plan-made',
    digest: plan.digest,
    environment: plan.target.environment,
    database: plan.identity.database,
    migrations,
    drainMs: plan.window.drainMs,
    items: itemsOf(plan),
  });
}

export async function load(run: Run): Promise<void> {
  await run.step(PLAN, async () => {
    const startedAt = Date.now();
    const plan = await makePlan(run, `Plan ${run.operation} of ${run.input.runbook} on ${run.input.target}`);
    installPlan(run, plan);
    return { summary: `plan ${shortDigest(plan.digest)}`, evidence: [], durationMs: Date.now() - startedAt };
  });
}

export async function claim(run: Run): Promise<void> {
  run.begun.claim = true;
  await run.step(CLAIM, async () => {
    const startedAt = Date.now();
    const { token } = await run.perform('claimDatabase', 'step', 'Claim the database', {
      ...run.ref,
      operation: run.operation,
    });
    run.token = token;
    run.journal.record({ kind: 'claimed', token });
    return { summary: `claim ${token}`, evidence: [], durationMs: Date.now() - startedAt };
  });
}

/** The item of a planned step; its title is what the terminal and the Temporal UI show. */
export function stepItem(step: PlannedStep): ItemRef {
  return { phase: 'execution', id: step.id, title: step.title };
}

function itemsOf(plan: Plan): ItemRef[] {
  return [
    PLAN,
    CLAIM,
    ...plan.checklist.map(({ id, title }) => ({ phase: 'checklist' as const, id, title })),
    ...windowItems(plan, marksAndAnalyses() ? 'written' : 'none'),
    ...plan.steps.map(stepItem),
    ...plan.validation.map(({ id, title }) => ({ phase: 'validation' as const, id, title })),
  ];
}
