/**
 * The step `status` of an execution, as a check: before, that the ledger is as planned and nothing that is going to be made
 * exists; after, that every migration is applied and its tables are there.
 */
import type pg from 'pg';
import { readMigrationFiles } from '../migrator/files.ts';
import { readLedger } from '../migrator/ledger.ts';
import { type MigrationPlan, planMigrations } from '../migrator/plan.ts';
import { fullName } from '../migrator/plan-problems.ts';
import { directoryOf } from '../migrator/runbook-directory.ts';
import { assertNever } from '../model/assert-never.ts';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import type { PlannedMigration } from '../model/plan.ts';
import type { CheckContext } from './context.ts';
import { type MigrationTables, readMigrationTables } from './migration-tables.ts';
import { count, fact, failed, passed } from './outcome.ts';
import { withSession } from './session.ts';
import { refuseEarly, refuseLedger, refuseMissing, refusePending } from './status-problems.ts';

export interface StatusRequest {
  readonly expect: 'before' | 'after';
  /** The migrations that the plan is going to apply. Looked at for `before` only. */
  readonly pending: readonly PlannedMigration[];
}

type StatusContext = Pick<CheckContext, 'url' | 'runbook' | 'root' | 'signal' | 'now'>;

/** Reads only. Errors: those of the connection, of the files and of the ledger. */
export async function checkStatus(context: StatusContext, request: StatusRequest): Promise<CheckOutcome> {
  const { runbook, root } = context;
  const files = await readMigrationFiles(directoryOf(runbook, root));
  const tables = await readMigrationTables(runbook, root);
  return withSession(context, 'status', async ({ client }) => {
    const ledger = await readLedger(client, runbook.ledgerSchema);
    const seen = { plan: planMigrations(files, ledger.rows), tables, existing: await existingTables(client, tables) };
    switch (request.expect) {
      case 'before':
        return judgeBefore(context, seen, request.pending);
      case 'after':
        return judgeAfter(context, seen);
      default:
        return assertNever(request.expect);
    }
  });
}

interface Seen {
  readonly plan: MigrationPlan;
  readonly tables: MigrationTables;
  readonly existing: ReadonlySet<string>;
}

const EXISTING = `
  select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and n.nspname || '.' || c.relname = any ($1)`;

async function existingTables(client: pg.Client, { made }: MigrationTables): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(EXISTING, [made.map(({ table }) => table)]);
  return new Set(rows.map(({ name }) => name));
}

function judgeBefore(
  context: StatusContext,
  { plan, tables, existing }: Seen,
  planned: readonly PlannedMigration[],
): CheckOutcome {
  const now = plan.pending.map(({ file }) => fullName(file));
  const wanted = planned.map(fullName);
  // What an unfinished migration has made already is its own affair.
  const fresh = plan.pending.filter(({ state }) => state === 'pending').map(({ version }) => version);
  const early = tables.made.filter(({ table, version }) => fresh.includes(version) && existing.has(table));
  const names = early.map(({ table }) => table);
  const evidence = [
    ...migrationFacts(plan),
    fact('to be applied', now.join(', ') || 'none', wanted.join(', ') || 'none'),
    fact(
      'tables that would be made',
      names.length === 0 ? 'none exists' : `there already: ${names.join(', ')}`,
      'none exists',
    ),
  ];
  const problem = refuseLedger(plan, now, wanted) ?? refuseEarly(names);
  if (problem !== undefined) return failed(context, problem, evidence);
  return passed(
    context,
    `${count(now.length, 'migration')} to apply, as planned; none of their tables exists`,
    evidence,
  );
}

function judgeAfter(context: StatusContext, { plan, tables, existing }: Seen): CheckOutcome {
  const missing = tables.made.map(({ table }) => table).filter((table) => !existing.has(table));
  const evidence = [
    ...migrationFacts(plan),
    fact('tables', `${existing.size} of ${tables.made.length} there`, 'all there'),
  ];
  const problem = refusePending(plan) ?? refuseMissing(missing);
  if (problem !== undefined) return failed(context, problem, evidence);
  const applied = count(plan.migrations.length, 'migration');
  return passed(context, `${applied} applied, ${count(existing.size, 'table')} there`, evidence);
}

function migrationFacts(plan: MigrationPlan): readonly Evidence[] {
  const applied = plan.migrations.filter(({ state }) => state === 'applied').length;
  return [fact('applied', `${applied} of ${count(plan.migrations.length, 'migration')}`)];
}
