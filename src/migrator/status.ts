/** What a database has of a runbook's migrations, as a value. Asking creates nothing and waits for nobody. */
import type pg from 'pg';
import type { MigrationStatus, MigratorStatus } from '../model/migrator-status.ts';
import { readClaim } from './claim.ts';
import type { MigrationFile } from './files.ts';
import { type Ledger, readLedger } from './ledger.ts';
import { LEDGER_TABLE } from './ledger-table.ts';
import { type PlannedMigration, planMigrations } from './plan.ts';

export type { MigrationStatus, MigratorStatus } from '../model/migrator-status.ts';

export interface StatusScope {
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
  readonly files: readonly MigrationFile[];
}

export async function readStatus(client: pg.Client, describe: string, scope: StatusScope): Promise<MigratorStatus> {
  const ledger: Ledger = await readLedger(client, scope.ledgerSchema);
  const plan = planMigrations(scope.files, ledger.rows);
  return {
    database: describe,
    schemas: scope.schemas,
    migrations: plan.migrations.map(statusOf),
    tables: await ownedTables(client, scope),
    claim: await readClaim(client),
    problems: plan.problems,
  };
}

function statusOf({ state, version, file, row }: PlannedMigration): MigrationStatus {
  return {
    version,
    name: file?.name ?? row!.name,
    state,
    appliedAt: row?.finishedAt ?? null,
    durationMs: row?.durationMs ?? null,
    appliedBy: row?.appliedBy ?? null,
    runId: row?.runId ?? null,
    partsDone: row?.partsDone ?? null,
    partsTotal: row?.partsTotal ?? null,
    undoing: row !== null && row.undoStartedAt !== null,
  };
}

async function ownedTables(client: pg.Client, { schemas, ledgerSchema }: StatusScope): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = any ($1) and c.relkind in ('r', 'p') and not (n.nspname = $2 and c.relname = $3)
      order by 1`,
    [schemas, ledgerSchema, LEDGER_TABLE],
  );
  return rows.map((row) => row.name);
}
