/**
 * The migrator as others use it: opened with a URL and a directory, asked for status and plans, told to migrate and to go back.
 * It knows no Temporal, reads no environment and prints nothing; whoever opens it gives it all that.
 */
import path from 'node:path';
import { type Clock, systemClock } from '../postgres/clock.ts';
import { preflight } from '../postgres/preflight.ts';
import { aloneAtWork, type IsHolderAlive } from './alone-at-work.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import type { OnMigratorEvent } from './events.ts';
import { type MigrationFile, readMigrationFiles } from './files.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { readLedger } from './ledger.ts';
import { DEFAULT_LOCK_POLICY, type LockPolicy } from './lock-policy.ts';
import { type ApplyOutcome, type ApplyRequest, applyRequested, migrateAll } from './migrate.ts';
import { type MigrationPlan, planMigrations } from './plan.ts';
import {
  type ResetOutcome,
  type RevertOutcome,
  resetAll,
  rollBackOne,
  type UndoRequest,
  undoRequested,
} from './roll-back.ts';
import { openSessions } from './sessions.ts';
import { type MigratorStatus, readStatus } from './status.ts';
import type { DataLoss, Owner, Work } from './work.ts';

export interface MigratorOptions {
  readonly url: string;
  /** Of the migrations; relative to `root`, or absolute. */
  readonly directory: string;
  /** The checkout: paths are printed relative to it. */
  readonly root: string;
  /** The schemas that the migrations own. */
  readonly schemas: readonly string[];
  /** Where `schema_migrations` lives. */
  readonly ledgerSchema: string;
  readonly owner: Owner;
  /** `standalone` stands back where a run holds the claim; `run` asserts its own claim in every transaction. */
  readonly claim:
    | { readonly kind: 'standalone'; readonly isHolderAlive?: IsHolderAlive }
    | { readonly kind: 'run'; readonly token: string };
  /** Where rows are saved before they are dropped; relative to `root`, or absolute. Default `.drydock/saved`. */
  readonly saveDirectory?: string;
  /** Default `save-rows`. */
  readonly dataLoss?: DataLoss;
  readonly lockPolicy?: Partial<LockPolicy>;
  readonly onEvent?: OnMigratorEvent;
  /** Cancels the statement that is running; what was not committed is rolled back. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Every method may be called any number of times, one after the other. Errors: ProblemErrors of connecting, of the files, of
 * the preflight (`database-is-replica`, `database-read-only`, `missing-rights`), and those named at each.
 */
export interface Migrator {
  status(): Promise<MigratorStatus>;
  plan(): Promise<MigrationPlan>;
  /** Everything that `migrate` would look at and do, in a read-only transaction. Problems are in the result. */
  dryRun(): Promise<DryRun>;
  /** What was applied now, in order; none where all was. */
  migrate(): Promise<readonly ApplyOutcome[]>;
  /** Idempotent. Errors: `migration-checksum-mismatch`, `migration-out-of-order`. */
  applyOne(request: ApplyRequest): Promise<ApplyOutcome>;
  rollback(): Promise<RevertOutcome>;
  /** Idempotent: where it is not applied, nothing is done. Errors: `migration-checksum-mismatch`, `migration-not-last`. */
  undo(request: UndoRequest): Promise<RevertOutcome>;
  reset(): Promise<ResetOutcome>;
  fingerprint(): Promise<Fingerprint>;
  close(): Promise<void>;
}

/** Reads nothing and connects to nothing yet. */
export function openMigrator(options: MigratorOptions): Migrator {
  const policy: LockPolicy = { ...DEFAULT_LOCK_POLICY, ...options.lockPolicy };
  const sessions = openSessions({ ...options, lockTimeoutMs: policy.lockTimeoutMs });
  const files = (): Promise<readonly MigrationFile[]> => readMigrationFiles(options);
  const { schemas, ledgerSchema } = options;
  const alone = async <T>(task: (work: Work, files: readonly MigrationFile[]) => Promise<T>): Promise<T> => {
    const read = await files();
    const work = workFor(options, policy, { session: await sessions.migrate(), connection: sessions.connection });
    const { claim } = options;
    const isHolderAlive = claim.kind === 'standalone' ? claim.isHolderAlive : undefined;
    return aloneAtWork(work, isHolderAlive, () => task(work, read));
  };
  return {
    status: async () => {
      const scope = { schemas, ledgerSchema, files: await files() };
      const { client, describe } = await sessions.read();
      return readStatus(client, describe, scope);
    },
    plan: async () => {
      const read = await files();
      const { client } = await sessions.read();
      return planMigrations(read, (await readLedger(client, ledgerSchema)).rows);
    },
    dryRun: async () => {
      const read = await files();
      const { client, describe } = await sessions.read();
      await preflight(client, { schemas, session: 'read' });
      return dryRun(client, { files: read, ledgerSchema, describe });
    },
    migrate: () => alone(migrateAll),
    applyOne: (request) => alone((work, read) => applyRequested(work, read, request)),
    rollback: () => alone(rollBackOne),
    undo: (request) => alone((work, read) => undoRequested(work, read, request)),
    reset: () => alone(resetAll),
    fingerprint: async () => fingerprint((await sessions.read()).client, { schemas, ledgerSchema }),
    close: () => sessions.close(),
  };
}

function workFor(
  options: MigratorOptions,
  policy: LockPolicy,
  { session, connection }: Pick<Work, 'session' | 'connection'>,
): Work {
  const { claim, owner, ledgerSchema, onEvent, signal, clock, dataLoss, saveDirectory, root } = options;
  return {
    session,
    connection,
    ledgerSchema,
    owner,
    claimToken: claim.kind === 'run' ? claim.token : null,
    policy,
    clock: clock ?? systemClock,
    signal,
    emit: onEvent ?? (() => undefined),
    dataLoss: dataLoss ?? 'save-rows',
    saveDirectory: path.resolve(root, saveDirectory ?? '.drydock/saved'),
  };
}
