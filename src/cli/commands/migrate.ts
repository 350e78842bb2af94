/** `migrate`: applies what is pending, or with `--dry-run` shows it and changes nothing. */
import type { MigrateRequest } from '../../migrator/migrate.ts';
import { formatDuration } from '../../model/duration.ts';
import { ProblemError } from '../../model/problem.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';
import { LOCK_OPTIONS } from '../lock-flags.ts';
import { showDryRun } from '../show-dry-run.ts';

interface MigrateFlags {
  readonly dryRun?: boolean;
  readonly to?: string;
  readonly oneTransaction?: boolean;
}

export const migrateCommand: CommandSpec<MigrateFlags> = {
  name: 'migrate',
  about: 'Apply every pending migration in order, each with its row in the ledger.',
  options: [
    ['--dry-run', 'show order and SQL, look for missing mirrors and edited files, and change nothing'],
    ['--to <version>', 'up to this migration, itself included; default: all'],
    ['--one-transaction', 'all of them in one transaction: every one is applied, or none'],
    ...LOCK_OPTIONS,
  ],
  work: (call, { dryRun, to, oneTransaction }) => {
    if (!dryRun)
      return applyAll(call, { ...(to === undefined ? {} : { to }), transactions: oneTransaction ? 'one' : 'each' });
    if (oneTransaction) throw dryRunOfEach();
    return showDryRun(call, to);
  },
};

async function applyAll(call: Call, request: MigrateRequest): Promise<Answer> {
  const applied = await (await call.migrator()).migrate(request);
  const durationMs = applied.reduce((sum, one) => sum + one.durationMs, 0);
  const noun = applied.length === 1 ? 'migration' : 'migrations';
  const together = request.transactions === 'one' ? ' in one transaction' : '';
  const text =
    applied.length === 0 ? '' : `${applied.length} ${noun} applied${together} in ${formatDuration(durationMs)}`;
  return { json: { applied }, text };
}

function dryRunOfEach(): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: '--dry-run shows each migration in a transaction of its own, whatever else was asked for',
    expected: '--dry-run without --one-transaction',
    next: 'run `migrate --dry-run`',
  });
}
