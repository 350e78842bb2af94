/** A migrator for the time of one check, on the runbook's own migrations. It only asks: a check changes nothing. */
import { type Migrator, openMigrator } from '../migrator/migrator.ts';
import { directoryOf } from '../migrator/runbook-directory.ts';
import type { CheckContext } from './context.ts';

/** Closed on every path. Errors: those of `work`. */
export async function withMigrator<T>(context: CheckContext, work: (migrator: Migrator) => Promise<T>): Promise<T> {
  const { url, root, runbook, signal, clock } = context;
  const migrator = openMigrator({
    url,
    ...directoryOf(runbook, root),
    schemas: runbook.schemas,
    ledgerSchema: runbook.ledgerSchema,
    owner: { appliedBy: 'check', runId: null },
    claim: { kind: 'standalone' },
    ...(signal ? { signal } : {}),
    ...(clock ? { clock } : {}),
  });
  try {
    return await work(migrator);
  } finally {
    await migrator.close();
  }
}
