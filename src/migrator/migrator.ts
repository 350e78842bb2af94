/**
 * The migrator as others use it: opened with a URL and a directory, asked for status and plans, told to migrate and to go back.
 * It knows no Temporal, reads no environment and prints nothing; whoever opens it gives it all that.
 */
import path from 'node:path';
import { type Clock, systemClock } from '../postgres/clock.ts';
import type { Session } from '../postgres/connect.ts';
import { aloneAtWork, giveLocksBack, type IsHolderAlive } from './alone-at-work.ts';
import type { DryRun } from './dry-run.ts';
import type { OnMigratorEvent } from './events.ts';
import { type DirectoryContents, type MigrationDirectory, type MigrationFile, readMigrations } from './files.ts';
import type { Fingerprint } from './fingerprint.ts';
import { ABSENT_LEDGER, type Ledger, readPresentLedger } from './ledger.ts';
import { DEFAULT_LOCK_POLICY, type LockPolicy } from './lock-policy.ts';
import type { ApplyOutcome, ApplyRequest, MigrateRequest } from './migrate.ts';
import type { MoveOutcome } from './move.ts';
import { nothingToDo } from './nothing-to-do.ts';
import type { Observe } from './observe.ts';
import type { MigrationPlan } from './plan.ts';
import type { ResetOutcome, RevertOutcome, UndoRequest } from './roll-back.ts';
import { openSessions, type WorkSession } from './sessions.ts';
import type { MigratorStatus } from './status.ts';
import { whatIsThereSql } from './what-is-there.ts';
import type { DataLoss, InDoubt, Owner, Work } from './work.ts';

export interface MigratorOptions extends MigrationDirectory {
  readonly url: string;
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
  /** Whether outcomes say which locks were held and what was rewritten. Default `no`: it costs two looks at the catalog each. */
  readonly observe?: Observe;
  readonly lockPolicy?: Partial<LockPolicy>;
  /** Default `ask`: the work stops with `statement-in-doubt`, which names the statement. */
  readonly inDoubt?: InDoubt;
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
  dryRun(request?: Pick<MigrateRequest, 'to'>): Promise<DryRun>;
  /** What was applied now, in order; none where all was. Errors: `migration-unknown`, `needs-own-transaction`. */
  migrate(request?: MigrateRequest): Promise<readonly ApplyOutcome[]>;
  /** Idempotent. Errors: `migration-checksum-mismatch`, `migration-out-of-order`. */
  applyOne(request: ApplyRequest): Promise<ApplyOutcome>;
  rollback(): Promise<RevertOutcome>;
  /** So many steps back. Errors: `too-few-applied`. */
  rollbackSeveral(count: number): Promise<readonly RevertOutcome[]>;
  /** Up or down to exactly this version; down to none of them for `none`, and for `0` where none has that number. Errors: `migration-unknown`. */
  moveTo(version: string): Promise<MoveOutcome>;
  /** The last step down and up again. */
  redo(): Promise<MoveOutcome>;
  /** Idempotent: where it is not applied, nothing is done. Errors: `migration-checksum-mismatch`, `migration-not-last`. */
  undo(request: UndoRequest): Promise<RevertOutcome>;
  reset(): Promise<ResetOutcome>;
  fingerprint(): Promise<Fingerprint>;
  /** For work of other kinds on the ledger, such as taking over a history: as the only migrator, with the files as read. */
  alone<T>(task: AloneTask<T>): Promise<T>;
  /** For questions of other kinds, in a session that the database keeps from writing. */
  look<T>(question: (session: Session, contents: DirectoryContents) => Promise<T>): Promise<T>;
  close(): Promise<void>;
  /** As `close`, for a process that has nothing left to do: it does not wait for the server's end of it. */
  leave(): void;
}

export type AloneTask<T> = (work: Work, files: readonly MigrationFile[], contents: DirectoryContents) => Promise<T>;

/** `ahead`: the ledger, where it could be asked for while the files were being read. */
type OwnTask<T> = (...given: [...Parameters<AloneTask<T>>, ahead: Promise<Ledger> | undefined]) => Promise<T>;

/** Whether the last step of a task that succeeds has kept the catalog with its own commit; where it fails, it has not. */
type CatalogKept = 'by-last-step' | 'by-us';

/** Reads nothing and connects to nothing yet. */
export function openMigrator(options: MigratorOptions): Migrator {
  const policy: LockPolicy = { ...DEFAULT_LOCK_POLICY, ...options.lockPolicy };
  const sessions = openSessions({ ...options, lockTimeoutMs: policy.lockTimeoutMs });
  const files = async (): Promise<readonly MigrationFile[]> => allFiles(await readMigrations(options));
  const { schemas, ledgerSchema } = options;
  /** The files are read while the server makes up its mind, and further; what is wrong with them is told first. */
  const filesWhile = async <T>(
    open: () => Promise<T>,
    meanwhile?: (contents: Promise<unknown>, opening: Promise<unknown>) => void,
  ): Promise<{ contents: Promise<DirectoryContents>; opened: T }> => {
    const opening = open();
    const contents = readMigrations(options);
    contents.catch(() => undefined);
    meanwhile?.(contents, opening);
    const opened = await opening.catch(async (error: unknown) => {
      await contents;
      throw error;
    });
    return { contents, opened };
  };
  // Loaded when there is something to do: most calls find that there is nothing.
  const operations = () => import('./operations.ts');
  /** Where the files are read before the server answers, the time is there. */
  const loadInIdleTime = (contents: Promise<unknown>, opening: Promise<unknown>): void => {
    let isOpen = false;
    const opened = () => {
      isOpen = true;
    };
    opening.then(opened, opened);
    contents.then(() => (isOpen ? undefined : operations())).catch(() => undefined);
  };
  const alone = async <T>(task: OwnTask<T>, catalog: CatalogKept = 'by-us', wants?: 'ledger-ahead'): Promise<T> => {
    const { contents, opened } = await filesWhile(() => sessions.migrate(), loadInIdleTime);
    const ahead = wants && ledgerAhead(opened, ledgerSchema);
    const read = await contents.catch(async (error: unknown) => {
      // The first look has taken them already, and nobody is going to work under them.
      if (opened.look) await giveLocksBack({ session: opened.session, ledgerSchema }, 'plain');
      throw error;
    });
    const work = workFor(options, policy, { session: opened.session, connection: sessions.connection });
    const { claim } = options;
    const isHolderAlive = claim.kind === 'standalone' ? claim.isHolderAlive : undefined;
    return aloneAtWork(work, { look: opened.look, isHolderAlive }, async () => {
      let isKept = false;
      try {
        const done = await task(work, allFiles(read), read, ahead);
        isKept = catalog === 'by-last-step';
        return done;
      } finally {
        if (!isKept) await (await operations()).keepCatalogIfLedgerMoved(work);
      }
    });
  };
  const ours = <T>(task: OwnTask<T>): Promise<T> => alone(task, 'by-last-step');
  const aheadOfFiles = <T>(task: OwnTask<T>): Promise<T> => alone(task, 'by-last-step', 'ledger-ahead');
  return {
    status: async () => {
      const { contents, opened } = await filesWhile(() => sessions.readAsking(whatIsThereSql(ledgerSchema)));
      const { readStatus } = await import('./status.ts');
      const read = contents.then((all) => ({ files: allFiles(all), ignored: all.ignored }));
      read.catch(() => undefined);
      const { client, describe } = opened.session;
      return readStatus(client, describe, { schemas, ledgerSchema, there: opened.answer, contents: read });
    },
    plan: async () => {
      const read = await files();
      const { client } = await sessions.read();
      const { planMigrations, readLedger } = await operations();
      const { rows, repeatables } = await readLedger(client, ledgerSchema);
      return planMigrations(read, rows, repeatables);
    },
    dryRun: async ({ to } = {}) => {
      const read = await files();
      const { client, describe } = await sessions.read();
      const { dryRun, preflight } = await operations();
      await preflight(client, { schemas, session: 'read' });
      return dryRun(client, {
        files: read,
        ledgerSchema,
        describe,
        lockPolicy: policy,
        ...(to === undefined ? {} : { to }),
      });
    },
    migrate: (request = {}) =>
      aheadOfFiles(async (work, read, _, ahead) => {
        // With a last version to apply, it is another question whether there is something to do.
        const ledger = request.to === undefined ? await nothingToDo(work, read, ahead) : undefined;
        return ledger === null
          ? []
          : (await operations()).migrateAll(work, read, { ...request, ...(ledger && { ledger }) });
      }),
    applyOne: (request) => ours(async (work, read) => (await operations()).applyRequested(work, read, request)),
    rollback: () => ours(async (work, read) => (await operations()).rollBackOne(work, read)),
    rollbackSeveral: (count) => ours(async (work, read) => (await operations()).rollBackSeveral(work, read, count)),
    moveTo: (version) => ours(async (work, read) => (await operations()).moveTo(work, read, version)),
    redo: () => ours(async (work, read) => (await operations()).redoLast(work, read)),
    undo: (request) => ours(async (work, read) => (await operations()).undoRequested(work, read, request)),
    reset: () => ours(async (work, read) => (await operations()).resetAll(work, read)),
    fingerprint: async () => {
      const { fingerprint } = await operations();
      return fingerprint((await sessions.read()).client, { schemas, ledgerSchema });
    },
    alone: (task) => alone(task),
    look: async (question) => {
      const read = await readMigrations(options);
      return question(await sessions.read(), read);
    },
    close: () => sessions.close(),
    leave: () => sessions.leave(),
  };
}

/** Only where the first look took both locks and saw no claim: else the ledger may change until this migrator is alone. */
function ledgerAhead({ session, look }: WorkSession, ledgerSchema: string): Promise<Ledger> | undefined {
  if (!look?.hasClaimLock || !look.hasMigratorLock || look.hasClaims) return undefined;
  if (look.ledger === 'absent') return Promise.resolve(ABSENT_LEDGER);
  const ahead = readPresentLedger(session.client, ledgerSchema);
  ahead.catch(() => undefined);
  return ahead;
}

/** The repeatable ones stand last, as they are run. */
function allFiles({ files, repeatables }: DirectoryContents): readonly MigrationFile[] {
  return [...files, ...repeatables];
}

function workFor(
  options: MigratorOptions,
  policy: LockPolicy,
  { session, connection }: Pick<Work, 'session' | 'connection'>,
): Work {
  const { claim, owner, schemas, ledgerSchema, onEvent, signal, clock, dataLoss, observe, saveDirectory, root } =
    options;
  return {
    session,
    connection,
    schemas,
    ledgerSchema,
    owner,
    claimToken: claim.kind === 'run' ? claim.token : null,
    policy,
    clock: clock ?? systemClock,
    signal,
    emit: onEvent ?? (() => undefined),
    dataLoss: dataLoss ?? 'save-rows',
    observe: observe ?? 'no',
    inDoubt: options.inDoubt ?? 'ask',
    saveDirectory: path.resolve(root, saveDirectory ?? '.drydock/saved'),
  };
}
