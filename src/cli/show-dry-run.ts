/** What `migrate` would do, for the commands that show it: `migrate --dry-run`, and `plan` on a database. */
import type { Migrator } from '../migrator/migrator.ts';
import { countFindings, type LintReport } from '../model/lint.ts';
import { dryRunText } from '../report/migrator/dry-run-text.ts';
import { lintSummary } from '../report/migrator/lint-text.ts';
import type { Answer, Call } from './command.ts';

export async function showDryRun(call: Call): Promise<Answer> {
  const migrator = await call.migrator();
  const run = await migrator.dryRun();
  const lint = run.pending.length === 0 ? { findings: [] } : await lintPending(call, migrator);
  const text = run.pending.length === 0 ? dryRunText(run) : `${dryRunText(run)}\n\n-- ${lintSummary(lint)}`;
  const json = { ...run, lint: countFindings(lint.findings) };
  return { json, text, problems: run.problems, exitCode: run.problems.length > 0 ? 2 : 0 };
}

async function lintPending(call: Call, migrator: Migrator): Promise<Pick<LintReport, 'findings'>> {
  const { lintTarget } = await import('../migrator/lint/lint-target.ts');
  const { schemas, ledgerSchema } = call.set;
  return migrator.look(({ client, describe }, { files, repeatables }) =>
    lintTarget(client, { files: [...files, ...repeatables], schemas, ledgerSchema, describe }),
  );
}
