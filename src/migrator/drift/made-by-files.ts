/**
 * What the files of the applied migrations make, found out by applying them to a throw-away database: what they refer to comes
 * from a stub, else from the target itself by a pg_dump that fits. The target is only read.
 */
import type pg from 'pg';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import type { MigrationFile } from '../files.ts';
import { type Fingerprint, fingerprint } from '../fingerprint.ts';
import { ledgerName } from '../ledger-table.ts';
import { type Migrator, type MigratorOptions, openMigrator } from '../migrator.ts';
import { findPgDump } from '../pg-dump.ts';
import { buildBase } from '../rehearsal/base-schema.ts';
import { type DumpEntry, dumpEntries } from '../rehearsal/dump-entries.ts';
import { dumpSchema } from '../rehearsal/dump-schema.ts';
import { dropLeftovers } from '../rehearsal/leftovers.ts';
import { type On, openPlace, type Place, type StartEmbedded } from '../rehearsal/place.ts';
import { restoreSchema } from '../rehearsal/restore-schema.ts';
import { readTargetFacts, type TargetFacts } from '../rehearsal/target-facts.ts';
import { makeThrowAway, type ThrowAway } from '../rehearsal/throw-away.ts';
import type { SqlFile } from '../sql-file.ts';

export interface MadeByFilesPlan {
  /** The target, as its migrator is opened. */
  readonly target: MigratorOptions;
  /** On the target, read-only. */
  readonly client: pg.Client;
  readonly on: On;
  /** Of the target, such as `production`; undefined for a bare URL. */
  readonly environment: string | undefined;
  readonly startEmbedded: StartEmbedded | undefined;
  /** Makes what the migrations refer to; null: taken from the target, where a pg_dump fits. */
  readonly stub: SqlFile | null;
  /** Taken where there is no such pg_dump, either. */
  readonly declaredStub: SqlFile | null;
  /** Applied on the target, in order; repeatable ones are run last. */
  readonly applied: readonly MigrationFile[];
}

export interface MadeByFiles {
  readonly print: Fingerprint;
  readonly major: number;
  /** Who made it, as the catalog prints names. */
  readonly role: string;
  readonly place: Place['kind'];
  readonly notes: readonly string[];
}

/** Errors: `diff-files-do-not-apply`, `rehearsal-no-place`, `rehearsal-stub-failed`, and those of connecting. */
export async function madeByFiles(plan: MadeByFilesPlan): Promise<MadeByFiles> {
  const facts = await readTargetFacts(plan.client);
  const place = await openPlace({ ...plan, targetUrl: plan.target.url, facts });
  try {
    const { maintenanceUrl, options } = place;
    const throwAway = await makeThrowAway({ maintenanceUrl, options, settings: facts.settings });
    try {
      return await onThrowAway(plan, { facts, place, throwAway });
    } finally {
      await dropLeftovers(throwAway.session.client).catch(() => undefined);
      await throwAway.drop();
    }
  } finally {
    await place.close();
  }
}

interface Ground {
  readonly facts: TargetFacts;
  readonly place: Place;
  readonly throwAway: ThrowAway;
}

async function onThrowAway(plan: MadeByFilesPlan, { facts, place, throwAway }: Ground): Promise<MadeByFiles> {
  const { session } = throwAway;
  const { schemas, ledgerSchema, signal } = plan.target;
  const owners = place.kind === 'same-server' ? ('kept' as const) : ('left out' as const);
  const base = { client: session.client, major: facts.major, owners };
  const program = plan.stub ? undefined : await findPgDump(facts.major);
  const notes = program === undefined ? [] : await surroundings(plan, base, program);
  const stub = plan.stub ?? (program === undefined ? plan.declaredStub : null);
  const migrator = openMigrator(onOtherDatabase(plan.target, throwAway.url));
  try {
    await applyAll({ ...plan, stub }, { ...base, migrator, signal });
  } finally {
    await migrator.close();
  }
  const print = await fingerprint(session.client, { schemas, ledgerSchema });
  const { rows } = await session.client.query<{ role: string }>('select quote_ident(current_user) as role');
  const major = Math.floor(session.serverVersion / 10_000);
  return { print, major, role: rows[0]!.role, place: place.kind, notes: [...place.notes, ...notes] };
}

interface Surroundings {
  readonly client: pg.Client;
  readonly major: number;
  readonly owners: 'kept' | 'left out';
}

/** Everything of the target that the migrations do not own. What could not be made is a note: they may not need it. */
async function surroundings(
  plan: MadeByFilesPlan,
  { client, owners }: Surroundings,
  program: string,
): Promise<string[]> {
  const { url, schemas, signal } = plan.target;
  const dump = dumpEntries(await dumpSchema({ url, program, owners, ...(signal ? { signal } : {}) }));
  const entries = dump.entries.filter((entry) => !isOwned(entry, schemas));
  const lacking = await restoreSchema(client, { ...dump, entries }, signal);
  await client.query('reset all');
  return lacking.map(({ what, why }) => `the throw-away database has no ${what}: ${why}`);
}

/** `TABLE app.parents`, `SCHEMA app` and `ACL SCHEMA app` are of the schema app. */
function isOwned({ type, what }: DumpEntry, schemas: readonly string[]): boolean {
  const name = what.slice(type.length + 1);
  return schemas.some(
    (schema) => name.startsWith(`${schema}.`) || (name === schema && type === 'SCHEMA') || name === `SCHEMA ${schema}`,
  );
}

async function applyAll(
  { stub, applied, target }: MadeByFilesPlan,
  base: Surroundings & { readonly migrator: Migrator; readonly signal: AbortSignal | undefined },
): Promise<void> {
  try {
    await buildBase({
      ...base,
      choice: 'files',
      stub,
      target: { url: target.url, client: base.client, major: base.major },
      ledgerSchema: target.ledgerSchema,
      applied,
    });
  } catch (error) {
    if (!isProblemError(error) || error.problem.code !== 'rehearsal-base-failed') throw error;
    throw doNotApply(error, stub);
  }
}

function doNotApply(error: ProblemError, stub: SqlFile | null): ProblemError {
  const { problem } = error;
  const what = problem.message.replace(/^the schema to start from could not be made from files: /, '');
  return new ProblemError(
    {
      ...problem,
      code: 'diff-files-do-not-apply',
      message: `the applied migrations do not apply to an empty database: ${what}`,
      next: stub
        ? `complete the stub ${stub.path}, then run the same command again`
        : 'name a file that makes what they refer to: `diff --stub <file>`',
    },
    { cause: error },
  );
}

/** The same migrator on another database: nobody else is there, and nothing is told of it. */
function onOtherDatabase({ onEvent: _, saveDirectory: __, ...rest }: MigratorOptions, url: string): MigratorOptions {
  return { ...rest, url, owner: { appliedBy: rest.owner.appliedBy, runId: null }, claim: { kind: 'standalone' } };
}

/** Who owns the ledger is who migrated; null where there is none. As the catalog prints names. */
export async function ledgerOwner(client: pg.Client, ledgerSchema: string): Promise<string | null> {
  const { rows } = await client.query<{ owner: string }>(
    'select relowner::regrole::text as owner from pg_class where oid = to_regclass($1)',
    [ledgerName(ledgerSchema)],
  );
  return rows[0]?.owner ?? null;
}
