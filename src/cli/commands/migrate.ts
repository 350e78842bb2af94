/** `migrate`: applies what is pending, or with `--dry-run` shows it and changes nothing. */
import { formatDuration } from '../../model/duration.ts';
import { dryRunText } from '../../report/migrator/dry-run-text.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';

export const migrateCommand: CommandSpec<{ readonly dryRun?: boolean }> = {
  name: 'migrate',
  about: 'Apply every pending migration in order, each with its row in the ledger.',
  options: [['--dry-run', 'show order and SQL, look for missing mirrors and edited files, and change nothing']],
  work: (call, { dryRun }) => (dryRun ? showDryRun(call) : applyAll(call)),
};

async function applyAll(call: Call): Promise<Answer> {
  const applied = await (await call.migrator()).migrate();
  const durationMs = applied.reduce((sum, one) => sum + one.durationMs, 0);
  const noun = applied.length === 1 ? 'migration' : 'migrations';
  const text = applied.length === 0 ? '' : `${applied.length} ${noun} applied in ${formatDuration(durationMs)}`;
  return { json: { applied }, text };
}

async function showDryRun(call: Call): Promise<Answer> {
  const run = await (await call.migrator()).dryRun();
  return { json: run, text: dryRunText(run), problems: run.problems, exitCode: run.problems.length > 0 ? 2 : 0 };
}
