/**
 * Were exactly the files that are pending rehearsed, on exactly this ledger, not too long ago, and did they mirror? The results
 * of rehearsals are in the target database, so every worker finds the same.
 */
import type { MigrationPlan } from '../migrator/plan.ts';
import { rehearsalDigest } from '../migrator/rehearsal/plan-digest.ts';
import { findRehearsal } from '../migrator/rehearsal/rehearsal-store.ts';
import { formatDuration } from '../model/duration.ts';
import type { Evidence } from '../model/outcome.ts';
import type { ProblemInput } from '../model/problem.ts';
import type { Rehearsal } from '../model/rehearsal.ts';
import type { Check, CheckContext } from './context.ts';
import { withMigrator } from './migrator.ts';
import { count, fact, failed, passed } from './outcome.ts';
import { withSession } from './session.ts';

export const checkRehearsal: Check<'rehearsal'> = async (context, { maxAgeMs }) => {
  const plan = await withMigrator(context, (migrator) => migrator.plan());
  if (plan.pending.length === 0) return passed(context, 'nothing is pending, so nothing has to be rehearsed', []);
  const digest = rehearsalDigest(plan);
  const found = await withSession(context, 'rehearsal', ({ client }) => findRehearsal(client, digest));
  if (!found) return failed(context, missing(context, plan), [fact('plan', digest.slice(0, 12))]);
  const ageMs = (context.now?.() ?? new Date()).getTime() - Date.parse(found.takenAt);
  const evidence = evidenceOf(found, { ageMs, maxAgeMs });
  if (found.verdict !== 'mirrors') return failed(context, notGood(context, found), evidence);
  if (ageMs > maxAgeMs) return failed(context, tooOld(context, { ageMs, maxAgeMs }), evidence);
  const migrations = count(found.migrations.length, 'migration');
  return passed(context, `${migrations} rehearsed ${formatDuration(ageMs)} ago, and every rollback mirrors`, evidence);
};

interface Age {
  readonly ageMs: number;
  readonly maxAgeMs: number;
}

function evidenceOf(found: Rehearsal, { ageMs, maxAgeMs }: Age): readonly Evidence[] {
  const { schemaFrom, likeTarget, verdict, takenBy, planDigest } = found;
  return [
    fact('plan', planDigest.slice(0, 12)),
    fact('age', formatDuration(ageMs), `at most ${formatDuration(maxAgeMs)}`),
    fact('verdict', verdict, 'mirrors'),
    fact('by', takenBy),
    fact('schema from', schemaFrom.kind === 'dump' ? 'the target' : schemaFrom.kind),
    fact('like the target', likeTarget.kind === 'same' ? 'yes, by fingerprint' : likeTarget.kind),
  ];
}

function missing(context: CheckContext, { pending }: MigrationPlan): ProblemInput {
  return {
    code: 'rehearsal-missing',
    message: `${count(pending.length, 'pending migration')} of this plan ${pending.length === 1 ? 'was' : 'were'} not rehearsed`,
    found: 'no rehearsal of exactly these files on exactly this ledger',
    expected: 'one whose every rollback mirrors',
    next: rehearseFirst(context),
  };
}

function notGood(context: CheckContext, found: Rehearsal): ProblemInput {
  const wrong = found.migrations.filter(({ mirrors }) => mirrors !== 'yes');
  return {
    code: 'rehearsal-not-good',
    message:
      found.verdict === 'failed' ? 'the rehearsal of these files failed' : 'a rollback of these files does not mirror',
    found: [
      ...found.problems.map(({ code, message }) => `${code}: ${message}`),
      ...wrong.map(
        ({ version, name, mirrors }) => `${version}_${name}: ${mirrors === 'no' ? 'does not mirror' : mirrors}`,
      ),
    ].join('\n'),
    expected: 'a rehearsal in which everything goes up, comes down and goes up again',
    next: `correct the files, then: ${rehearseFirst(context)}`,
  };
}

function tooOld(context: CheckContext, { ageMs, maxAgeMs }: Age): ProblemInput {
  return {
    code: 'rehearsal-too-old',
    message: 'the rehearsal of these files is too old',
    found: `${formatDuration(ageMs)} ago`,
    expected: `at most ${formatDuration(maxAgeMs)} ago`,
    next: rehearseFirst(context),
  };
}

function rehearseFirst({ runbook, target }: CheckContext): string {
  return `pnpm tsx src/cli/${runbook.name}-migrate.ts rehearse --target ${target.name}`;
}
