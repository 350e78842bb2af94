/** The words for a ledger or tables that are not as the step `status` expects. Pure. */

import type { MigrationPlan } from '../migrator/plan.ts';
import { fullName } from '../migrator/plan-problems.ts';
import type { ProblemInput } from '../model/problem.ts';
import { count } from './outcome.ts';

export function refuseLedger(
  plan: MigrationPlan,
  now: readonly string[],
  wanted: readonly string[],
): ProblemInput | undefined {
  const [problem] = plan.problems;
  if (problem !== undefined) return problem;
  if (now.join() === wanted.join()) return undefined;
  return {
    code: 'ledger-not-as-planned',
    message: 'the ledger is not as it was planned',
    found: `to be applied now: ${now.join(', ') || 'none'}`,
    expected: wanted.join(', ') || 'none',
    next: 'start the run again: it makes a new plan',
  };
}

export function refuseEarly(tables: readonly string[]): ProblemInput | undefined {
  if (tables.length === 0) return undefined;
  return {
    code: 'tables-already-there',
    message: `${count(tables.length, 'table')} of migrations that are not applied ${tables.length === 1 ? 'exists' : 'exist'} already`,
    found: tables.join('\n'),
    expected: 'no table that a pending migration makes',
    next: 'find out who made them; drop them, or give this runbook another database',
  };
}

export function refusePending(plan: MigrationPlan): ProblemInput | undefined {
  const [problem] = plan.problems;
  if (problem !== undefined) return problem;
  if (plan.pending.length === 0) return undefined;
  return {
    code: 'migrations-not-applied',
    message: `${count(plan.pending.length, 'migration')} not applied`,
    found: plan.pending.map(({ file, state }) => `${fullName(file)}: ${state}`).join('\n'),
    expected: 'every migration applied',
    next: 'run migrate',
  };
}

export function refuseMissing(tables: readonly string[]): ProblemInput | undefined {
  if (tables.length === 0) return undefined;
  return {
    code: 'tables-missing',
    message: `${count(tables.length, 'table')} of applied migrations not there`,
    found: tables.join('\n'),
    expected: 'every table that the migrations make',
    next: 'somebody dropped them: run reset where their rows may go, or restore them',
  };
}
