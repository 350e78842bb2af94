/** Lints what a target has not applied: its ledger says what that is, its catalog which tables are in use. Changes nothing. */
import type pg from 'pg';
import type { LintReport, LintSettings } from '../../model/lint.ts';
import { readCatalogFacts } from '../effects/catalog-facts.ts';
import { catalogViewOf } from '../effects/catalog-from-facts.ts';
import type { MigrationFile } from '../files.ts';
import { readLedger } from '../ledger.ts';
import { planMigrations } from '../plan.ts';
import { lintMigrations } from './lint-migrations.ts';

export interface TargetToLint {
  /** All of them, in order, repeatable ones last. */
  readonly files: readonly MigrationFile[];
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
  /** `user@host:port/database`. */
  readonly describe: string;
  /** What the runbook says of rules. */
  readonly settings?: LintSettings | undefined;
}

/** The client must not be in a transaction. Errors: those of reading the ledger, the driver's own. */
export async function lintTarget(
  client: pg.Client,
  { files, schemas, ledgerSchema, describe, settings }: TargetToLint,
): Promise<LintReport> {
  await client.query('begin transaction read only');
  try {
    const { rows, repeatables } = await readLedger(client, ledgerSchema);
    const { migrations, pending } = planMigrations(files, rows, repeatables);
    return await lintMigrations({
      migrations: pending.map(({ file }) => file),
      applied: migrations.flatMap(({ state, file }) => (state === 'applied' && file ? [file] : [])),
      scope: { kind: 'pending' },
      view: async (statements) => catalogViewOf(await readCatalogFacts(client, { statements })),
      schemas,
      settings,
      database: describe,
    });
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}
