/** What a rehearsal holds for: exactly these pending files on exactly this ledger. Pure. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../model/canonical.ts';
import type { MigrationPlan, PlannedMigration } from '../plan.ts';
import { sha256 } from '../sql-file.ts';

/**
 * sha256 hex. Both files of every migration count, applied ones as the ledger recorded them. What `runId` applied counts as
 * pending: the digest of a run's plan stays the same while the run goes on.
 */
export function rehearsalDigest(plan: Pick<MigrationPlan, 'migrations'>, runId?: string): string {
  const entries = plan.migrations.map((one) => entryOf(one, runId));
  return createHash('sha256').update(canonicalJson(entries)).digest('hex');
}

/** The digest of the whole set from an empty database. */
export function wholeSetDigest(plan: Pick<MigrationPlan, 'migrations'>): string {
  const asPending = plan.migrations.flatMap((one) => (one.file ? [fileEntry(one.version, one.file)] : []));
  return createHash('sha256').update(canonicalJson(asPending)).digest('hex');
}

function entryOf(migration: PlannedMigration, runId: string | undefined) {
  const { version, row, file } = migration;
  const isOfRun = runId !== undefined && row?.runId === runId;
  if (!row || !(migration.state === 'applied' || migration.state === 'missing') || (isOfRun && file)) {
    return fileEntry(version, file!);
  }
  return { version, state: 'applied', up: row.upChecksum, down: row.downChecksum };
}

function fileEntry(version: string, file: NonNullable<PlannedMigration['file']>) {
  const filled = [file.up, file.down].flatMap((one) => (one?.written ? [sha256(one.sql)] : []));
  const entry = { version, state: 'pending', up: file.up.checksum, down: file.down?.checksum ?? null };
  // Checksums are those of the bytes: with other values it is another SQL that was rehearsed.
  return filled.length === 0 ? entry : { ...entry, filled };
}
