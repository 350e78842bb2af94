/** What `migrate` would do, for the commands that show it: `migrate --dry-run`, `to --dry-run` on the way up, and `plan` on a database. */
import type { Migrator } from '../migrator/migrator.ts';
import { fullName } from '../migrator/plan-problems.ts';
import { countFindings, type Finding } from '../model/lint.ts';
import type { DryRun } from '../model/migrator-status.ts';
import { dryRunText } from '../report/migrator/dry-run-text.ts';
import { lintSummary } from '../report/migrator/lint-text.ts';
import type { Answer, Call } from './command.ts';

/** `to`: the last one to look at; default: all. Errors: `migration-unknown`, those of looking. */
export async function showDryRun(call: Call, to?: string): Promise<Answer> {
  const migrator = await call.migrator();
  const run = await migrator.dryRun(to === undefined ? {} : { to });
  const findings = run.pending.length === 0 ? [] : await lintPending(call, migrator, run);
  const text = run.pending.length === 0 ? dryRunText(run) : `${dryRunText(run)}\n\n-- ${lintSummary({ findings })}`;
  const json = { ...run, lint: countFindings(findings) };
  return { json, text, problems: run.problems, exitCode: run.problems.length > 0 ? 2 : 0 };
}

/** Only of what is shown: more than that may be pending. */
async function lintPending(call: Call, migrator: Migrator, { pending }: DryRun): Promise<readonly Finding[]> {
  const { lintTarget } = await import('../migrator/lint/lint-target.ts');
  const { schemas, ledgerSchema, runbook } = call.set;
  const settings = runbook?.definition.lint;
  const { findings } = await migrator.look(({ client, describe }, { files, repeatables }) =>
    lintTarget(client, { files: [...files, ...repeatables], schemas, ledgerSchema, settings, describe }),
  );
  const shown = new Set(pending.map(fullName));
  return findings.filter(({ migration }) => shown.has(migration));
}
