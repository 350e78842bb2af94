/** A world in which rehearsals take place: a target, its migrations, and what a rehearsal told. */
import { inject } from 'vitest';
import { findPgDump } from '../../../src/migrator/pg-dump.ts';
import { type RehearsalOptions, rehearse } from '../../../src/migrator/rehearsal/rehearse.ts';
import type { Rehearsal, SchemaSource } from '../../../src/model/rehearsal.ts';
import type { RehearsalEvent } from '../../../src/model/rehearsal-event.ts';
import type { TestDatabase } from '../../support/postgres.ts';
import { type Migrations, SIMPLE, setup, type World } from './world.ts';

const { major } = inject('postgres').binaries;

/** Whether this machine has a pg_dump that reads the server of this run. */
export const hasFittingDump = (await findPgDump(major)) !== undefined;
export const WITHOUT_DUMP = `there is no pg_dump for PostgreSQL ${major} on this machine`;

/** Where a rehearsal takes its schema from when it is left to choose. */
export function chosenSource(owners: 'kept' | 'left out'): SchemaSource {
  if (hasFittingDump) return { kind: 'dump', owners, lacking: [] };
  return { kind: 'files', stub: null, why: `no pg_dump here reads PostgreSQL ${major}` };
}

export interface RehearsalWorld extends World {
  readonly told: RehearsalEvent[];
  readonly target: RehearsalOptions['target'];
  readonly rehearse: (options?: Partial<RehearsalOptions>) => Promise<Rehearsal>;
}

export async function rehearsalWorld({
  migrations = SIMPLE,
}: {
  readonly migrations?: Migrations;
} = {}): Promise<RehearsalWorld> {
  const world = await setup({ migrations });
  const told: RehearsalEvent[] = [];
  const target = targetOf(world);
  const defaults: RehearsalOptions = {
    target,
    environment: undefined,
    on: { kind: 'chosen' },
    scope: 'pending',
    stub: null,
    startEmbedded: undefined,
    emit: (event) => told.push(event),
  };
  return { ...world, told, target, rehearse: (options = {}) => rehearse({ ...defaults, ...options }) };
}

function targetOf({ database, root }: World): RehearsalOptions['target'] {
  return {
    url: database.url,
    root,
    directory: 'migrations/app',
    schemas: ['app'],
    ledgerSchema: 'app',
    owner: { appliedBy: 'tester', runId: null },
    claim: { kind: 'standalone' },
  };
}

/** The throw-away databases that this world's rehearsals have made and that are still there. */
export async function throwAwaysOf({
  database,
  told,
}: {
  readonly database: TestDatabase;
  readonly told: readonly RehearsalEvent[];
}): Promise<string[]> {
  const names = told.flatMap((event) => (event.kind === 'rehearsal-began' ? [event.database] : []));
  const rows = await database.query<{ name: string }>(
    'select datname::text as name from pg_database where datname = any ($1)',
    [names],
  );
  return rows.map(({ name }) => name);
}
