/**
 * Holds the window of a plan against how long its poolers let clients wait: one that they would not outlive without errors is refused
 * before anybody is asked to approve it.
 */
import type pg from 'pg';
import { clientWaitOf, poolerLimits, windowProblem } from '../drain/pgbouncer/window.ts';
import type { MigrationPlan } from '../migrator/plan.ts';
import type { Plan, PlanContent } from '../model/plan.ts';
import { ProblemError } from '../model/problem.ts';
import type { Ground } from './dependencies.ts';
import { rehearsedWorkMs } from './rehearsed-work.ts';

interface ToHold {
  readonly content: PlanContent;
  /** With the repeatable ones, as a rehearsal has them. */
  readonly migrations: Pick<MigrationPlan, 'migrations'>;
}

/** Nothing where no pooler drops who waits. Errors: `window-not-holdable`, those of the poolers' consoles, `secret-missing`. */
export async function withinClientWait(
  { loaded, target, secret }: Ground,
  client: pg.ClientBase,
  { content, migrations }: ToHold,
): Promise<Pick<Plan, 'clientWait'>> {
  const limits = await poolerLimits({ target: target.view, secret });
  if (limits.length === 0) return {};
  const { operation, steps } = content;
  const { checklist } = loaded.definition;
  const window = {
    drainMs: content.window.drainMs,
    workMs: await rehearsedWorkMs(client, { operation, steps, migrations, checklist }),
  };
  const problem = windowProblem(target.view.name, limits, window);
  if (problem) throw new ProblemError(problem);
  const clientWait = clientWaitOf(limits, window);
  return clientWait ? { clientWait } : {};
}
