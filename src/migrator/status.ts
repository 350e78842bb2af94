/** What a database has of a runbook's migrations, as a value. Asking creates nothing and waits for nobody. */
import type pg from 'pg';
import type { MigrationStatus, MigratorStatus } from '../model/migrator-status.ts';
import type { MigrationFile } from './files.ts';
import { editedFiles, lateOnes, type PendingMigration, type PlannedMigration, planMigrations } from './plan.ts';
import { lookForStatus } from './status-look.ts';
import type { WhatIsThere } from './what-is-there.ts';

export type { MigrationStatus, MigratorStatus } from '../model/migrator-status.ts';

export interface StatusScope {
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
  /** The answer to `whatIsThereSql`. */
  readonly there: pg.QueryResult;
  /** Being read while the database is asked. `ignored`: `.sql` files whose names fit no migration. */
  readonly contents: Promise<{ readonly files: readonly MigrationFile[]; readonly ignored?: readonly string[] }>;
}

export async function readStatus(client: pg.Client, describe: string, scope: StatusScope): Promise<MigratorStatus> {
  const { ledger, tables, rest } = await lookForStatus(client, scope, scope.there.rows[0] as WhatIsThere);
  const { files, ignored } = await scope.contents;
  const plan = planMigrations(files, ledger.rows, ledger.repeatables);
  const late = new Set(lateOnes(plan.migrations));
  const migrations = plan.migrations.map((one) =>
    statusOf(one, late.has(one as PendingMigration) ? 'late' : 'in-order'),
  );
  const { drift, claim } = await rest;
  return {
    database: describe,
    schemas: scope.schemas,
    migrations,
    tables,
    drift,
    claim,
    problems: plan.problems,
    ...(ignored?.length ? { ignored } : {}),
  };
}

function statusOf(migration: PlannedMigration, place: 'late' | 'in-order'): MigrationStatus {
  const { state, version, file, row } = migration;
  const before = state === 'pending' ? migration.changedSince : undefined;
  return {
    version,
    name: file?.name ?? row!.name,
    state,
    appliedAt: row?.finishedAt ?? before?.finishedAt ?? null,
    durationMs: row?.durationMs ?? null,
    appliedBy: row?.appliedBy ?? null,
    runId: row?.runId ?? null,
    partsDone: row?.partsDone ?? null,
    partsTotal: row?.partsTotal ?? null,
    undoing: row !== null && row.undoStartedAt !== null,
    edited: file && row ? editedFiles(file, row) : [],
    outOfOrder: place === 'late',
  };
}
