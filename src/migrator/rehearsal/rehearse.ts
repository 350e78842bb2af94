/**
 * Rehearses migrations: makes a throw-away database like the target, goes up, down and up again on it with the real migrator,
 * and says what it saw. The target is only read; storing the result there is for whoever asked.
 */
import { randomUUID } from 'node:crypto';
import { type Rehearsal, rehearsalVerdict } from '../../model/rehearsal.ts';
import { interrupted } from '../../postgres/clock.ts';
import { connect, type Session } from '../../postgres/connect.ts';
import type { MigrationFile } from '../files.ts';
import { type Migrator, type MigratorOptions, openMigrator } from '../migrator.ts';
import type { MigrationPlan } from '../plan.ts';
import { fullName, refuseProblems } from '../plan-problems.ts';
import { isRepeatableVersion } from '../repeatable-files.ts';
import type { SqlFile } from '../sql-file.ts';
import { DRYDOCK_VERSION } from '../version.ts';
import { type BaseChoice, buildBase } from './base-schema.ts';
import { CatalogWatch } from './catalog-watch.ts';
import { forgetRuns } from './forget-runs.ts';
import { dropLeftovers } from './leftovers.ts';
import { likeTarget } from './like-target.ts';
import { stepsOf } from './pass.ts';
import { type On, openPlace, type Place, type StartEmbedded } from './place.ts';
import { rehearsalDigest, wholeSetDigest } from './plan-digest.ts';
import type { OnRehearsalEvent } from './rehearsal-events.ts';
import { asRehearsalProblem, nothingToRehearse, unfinishedThere } from './rehearsal-problems.ts';
import { rehearseStages, type StagesPlan } from './stages.ts';
import { readTargetFacts, type TargetFacts } from './target-facts.ts';
import { APPLICATION_NAME, makeThrowAway, openMaintenance, type ThrowAway } from './throw-away.ts';

export interface RehearsalOptions {
  /** The target, as its migrator is opened. */
  readonly target: MigratorOptions;
  /** Of the target, such as `production`; undefined for a bare URL. */
  readonly environment: string | undefined;
  readonly on: On;
  /** `all`: the whole set from an empty database, whatever is applied. */
  readonly scope: 'pending' | 'all';
  /** Default `dump-or-files`. Not looked at with the scope `all`. */
  readonly from?: Exclude<BaseChoice, 'empty'>;
  /** Makes what the migrations refer to and do not make themselves; used where the schema is not dumped. */
  readonly stub: SqlFile | null;
  readonly startEmbedded: StartEmbedded | undefined;
  readonly emit: OnRehearsalEvent;
  /** Ends the rehearsal; the throw-away database is dropped all the same. */
  readonly signal?: AbortSignal;
}

/**
 * What the stages did wrong is in the result. Errors: `nothing-to-rehearse`, `rehearsal-of-unfinished`, `rehearsal-no-place`,
 * `rehearsal-database-failed`, `rehearsal-dump-failed`, `rehearsal-base-failed`, `rehearsal-stub-failed`, `interrupted`; those
 * of connecting, and of files and ledger that do not fit together.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { target } = options;
  const session = await connect({ url: target.url, applicationName: APPLICATION_NAME, purpose: 'read' });
  try {
    const plan = await planOf(target);
    requireSomething(plan, options.scope);
    const facts = await readTargetFacts(session.client);
    const place = await openPlace({ ...options, targetUrl: target.url, facts });
    try {
      return await onPlace(options, { session, plan, facts, place });
    } finally {
      await place.close();
    }
  } finally {
    await session.close();
  }
}

interface Ground {
  /** On the target, read-only. */
  readonly session: Session;
  readonly plan: MigrationPlan;
  readonly facts: TargetFacts;
  readonly place: Place;
}

async function onPlace(options: RehearsalOptions, ground: Ground): Promise<Rehearsal> {
  const { facts, place } = ground;
  const { emit, signal } = options;
  await sweep(place, emit);
  if (signal?.aborted) throw interrupted();
  const settings = facts.settings;
  const throwAway = await makeThrowAway({ maintenanceUrl: place.maintenanceUrl, options: place.options, settings });
  const migrator = openMigrator(onThrowAway(options.target, throwAway.url, signal));
  try {
    const { name: database, session } = throwAway;
    emit({ kind: 'rehearsal-began', place: place.kind, database, serverVersion: place.serverVersion });
    return await onDatabase(options, {
      ...ground,
      throwAway,
      migrator,
      server: session.describe.replace(/\/[^/]*$/, ''),
    });
  } finally {
    await migrator.close();
    await tidyUp(throwAway, emit);
  }
}

/** Never spoils a result: what is left is dropped by the next rehearsal. */
async function tidyUp({ name: database, drop }: ThrowAway, emit: OnRehearsalEvent): Promise<void> {
  await drop().then(
    () => emit({ kind: 'rehearsal-database-dropped', database }),
    (error: unknown) =>
      emit({ kind: 'rehearsal-database-left', database, problem: asRehearsalProblem(error, 'dropping it').problem }),
  );
}

interface Stage extends Ground {
  readonly throwAway: ThrowAway;
  readonly migrator: Migrator;
  readonly server: string;
}

async function onDatabase(options: RehearsalOptions, stage: Stage): Promise<Rehearsal> {
  const { target, scope, emit, signal } = options;
  const { plan, facts, place, throwAway, migrator, session } = stage;
  const startedAt = new Date();
  const { client } = throwAway.session;
  const schemaFrom = await buildBase({
    choice: scope === 'all' ? 'empty' : (options.from ?? 'dump-or-files'),
    stub: options.stub,
    target: { url: target.url, client: session.client, major: facts.major },
    client,
    migrator,
    ledgerSchema: target.ledgerSchema,
    applied: plan.migrations.flatMap((one) => (one.state === 'applied' ? [one.file] : [])),
    owners: place.kind === 'same-server' ? 'kept' : 'left out',
    signal,
  });
  const lacking = schemaFrom.kind === 'dump' ? schemaFrom.lacking.length : 0;
  emit({ kind: 'schema-ready', from: schemaFrom.kind, lacking });
  const like = await likeTarget({
    schemaFrom,
    target: session.client,
    made: client,
    ledgerSchema: target.ledgerSchema,
  });
  const files = rehearsable(plan, scope);
  const found = await migrator.alone((work, read) =>
    rehearseStages({
      ...kinds(files),
      steps: stepsOf(work, read),
      catalog: new CatalogWatch(client, target.ledgerSchema),
      forget: (versions) => forgetRuns(client, target.ledgerSchema, versions),
      emit,
      signal,
    }),
  );
  return {
    version: 1,
    id: randomUUID(),
    verdict: rehearsalVerdict(found),
    target: session.describe,
    targetServer: facts.serverVersion,
    place: place.kind,
    server: stage.server,
    serverVersion: place.serverVersion,
    notes: [...place.notes, ...notesOn(files)],
    schemaFrom,
    likeTarget: like,
    scope,
    ...found,
    planDigest: scope === 'all' ? wholeSetDigest(plan) : rehearsalDigest(plan),
    takenAt: startedAt.toISOString(),
    takenBy: target.owner.appliedBy,
    durationMs: Date.now() - startedAt.getTime(),
    drydockVersion: DRYDOCK_VERSION,
  };
}

async function planOf(target: MigratorOptions): Promise<MigrationPlan> {
  const migrator = openMigrator(target);
  try {
    return await migrator.plan();
  } finally {
    await migrator.close();
  }
}

function requireSomething(plan: MigrationPlan, scope: RehearsalOptions['scope']): void {
  if (scope === 'all') return;
  refuseProblems(plan.problems);
  const unfinished = plan.pending.find(({ state }) => state === 'unfinished');
  if (unfinished) throw unfinishedThere(fullName(unfinished.file));
  if (rehearsable(plan, scope).length === 0) throw nothingToRehearse(plan.migrations.length);
}

function rehearsable(plan: MigrationPlan, scope: RehearsalOptions['scope']): readonly MigrationFile[] {
  const candidates = scope === 'all' ? plan.migrations : plan.pending;
  return candidates.flatMap(({ file }) => file ?? []);
}

function kinds(files: readonly MigrationFile[]): Pick<StagesPlan, 'files' | 'repeatables'> {
  return {
    files: files.filter(({ version }) => !isRepeatableVersion(version)),
    repeatables: files.filter(({ version }) => isRepeatableVersion(version)),
  };
}

function notesOn(files: readonly MigrationFile[]): string[] {
  const { repeatables } = kinds(files);
  if (repeatables.length === 0) return [];
  const names = repeatables.map(fullName).join(', ');
  return [`the way down was tried without ${names}: what refers to a table can be in the way of a rollback`];
}

/** The same migrator on another database: nobody else is there, rows are not saved, and nothing is told of it but by the rehearsal. */
function onThrowAway(target: MigratorOptions, url: string, signal: AbortSignal | undefined): MigratorOptions {
  const { onEvent: _, saveDirectory: __, signal: ___, ...rest } = target;
  return {
    ...rest,
    url,
    owner: { appliedBy: target.owner.appliedBy, runId: null },
    claim: { kind: 'standalone' },
    dataLoss: 'drop-rows-unsaved',
    observe: 'yes',
    ...(signal ? { signal } : {}),
  };
}

/** Never stands in the way: what cannot be swept now is swept by the next one. */
async function sweep(place: Place, emit: OnRehearsalEvent): Promise<void> {
  const session = await openMaintenance(place.maintenanceUrl);
  try {
    const dropped = await dropLeftovers(session.client);
    if (dropped.length > 0) emit({ kind: 'leftovers-dropped', names: dropped.map(({ name }) => name) });
  } catch {
    // Said by nobody: the rehearsal does not need it.
  } finally {
    await session.close();
  }
}
