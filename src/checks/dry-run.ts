/**
 * Would `migrate` go through: as many migrations on disk as the runbook expects, each with its mirror, all of them SQL, and
 * nothing edited that is applied? Found out in a transaction in which the database refuses every write.
 */

import type { DryRun } from '../migrator/dry-run.ts';
import { fullName } from '../migrator/plan-problems.ts';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import type { Problem, ProblemInput } from '../model/problem.ts';
import type { Check, CheckContext } from './context.ts';
import { withMigrator } from './migrator.ts';
import { count, fact, failed, passed } from './outcome.ts';

export const checkDryRun: Check<'dry-run'> = (context) =>
  withMigrator(context, async (migrator) => judge(context, await migrator.dryRun()));

function judge(context: CheckContext, run: DryRun): CheckOutcome {
  const { expect } = context.runbook.migrations;
  const evidence = describe(run, expect);
  const problem = refusal(context, run);
  if (problem !== undefined) return failed(context, problem, evidence);
  const onDisk = `${count(run.onDisk, 'migration')} on disk with ${run.onDisk === 1 ? 'its mirror' : 'their mirrors'}`;
  return passed(context, `${onDisk}; ${run.applied} applied, ${run.pending.length} to apply`, evidence);
}

function describe(run: DryRun, expect: number | undefined): readonly Evidence[] {
  const statements = run.pending.flatMap(({ parts }) => parts.flatMap((part) => part.statements)).length;
  return [
    fact('on disk, with mirrors', run.onDisk, expect === undefined ? undefined : String(expect)),
    fact('applied', run.applied),
    fact('to apply, in this order', run.pending.map(fullName).join(', ') || 'none'),
    fact('statements to run', statements),
    fact('problems', run.problems.map(({ code }) => code).join(', ') || 'none', 'none'),
    fact('looked at in', 'a read-only transaction'),
  ];
}

function refusal({ runbook }: CheckContext, { onDisk, problems }: DryRun): ProblemInput | undefined {
  const { directory, expect } = runbook.migrations;
  if (expect !== undefined && onDisk !== expect) {
    return {
      code: 'migrations-wrong-number',
      message: `${directory} does not hold the number of migrations that the runbook expects`,
      found: count(onDisk, 'migration'),
      expected: count(expect, 'migration'),
      next: 'use the checkout that holds them all, or correct migrations.expect in the runbook',
    };
  }
  return problems.length > 1 ? together(problems) : problems[0];
}

function together(problems: readonly Problem[]): ProblemInput {
  return {
    code: problems[0]!.code,
    message: `${problems.length} problems with the migrations`,
    found: problems.map(({ code, message }) => `${code}: ${message}`).join('\n'),
    expected: 'files and ledger that fit together',
    next: [...new Set(problems.flatMap(({ next }) => next ?? []))].join('\n'),
  };
}
