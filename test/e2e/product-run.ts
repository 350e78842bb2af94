/** What the tests of the products' runs share: a world with the stub of core, and a person who waives and approves. */
import { expect } from 'vitest';
import { createCoreStub } from '../../src/data/communication/core-stub.ts';
import type { RunState } from '../../src/model/state.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type Handle, makeWorld, type World } from '../support/world.ts';

const TARGET = 'seeds: true\nwindow: { drain: 300ms, drainTimeout: 10s }\nbackups: { archives: ["backups/*.sql"] }';

/** A script as pg_dump writes one with --create, so that it names its database. */
function nightlyDump({ name }: TestDatabase): Readonly<Record<string, string>> {
  const script = `--\n-- PostgreSQL database dump\n--\n\n\\connect ${name}\n\nSELECT 1;\n--\n-- PostgreSQL database dump complete\n--\n\n`;
  return { 'backups/nightly.sql': script };
}

export interface ProductWorldOptions {
  readonly runbook: 'communication' | 'authz';
  readonly sample: 'with-rows' | 'empty';
  /** Default: one of its own. */
  readonly database?: TestDatabase;
}

export async function makeProductWorld({ runbook, sample, ...given }: ProductWorldOptions): Promise<World> {
  const database = given.database ?? (await freshDatabase({ template: 'core' }));
  const world = await makeWorld({ runbook, target: TARGET, files: nightlyDump(database), servers: { database } });
  const client = await database.connect();
  await createCoreStub(client, { sample });
  return world;
}

/** The servers of the tests archive no WAL, and the item says so; a person waives it. */
export async function waiveArchiving(run: Handle): Promise<void> {
  const { waiting } = await run.until('the question about WAL', (state) => state.waiting?.kind === 'decision');
  expect(waiting).toMatchObject({ item: { id: 'wal-archiving' }, waivable: true });
  await run.send('decide', {
    by: 'kim',
    item: 'wal-archiving',
    action: 'waive',
    reason: 'a test server archives nothing',
  });
}

export async function waiveArchivingAndApprove(run: Handle): Promise<void> {
  await waiveArchiving(run);
  await run.approve();
}

/** From its start to its end, with a person who waives and approves. */
export async function runToTheEnd(world: World): Promise<RunState> {
  const run = await world.start();
  await waiveArchivingAndApprove(run);
  return run.ended();
}

export interface Undone {
  readonly runbook: ProductWorldOptions['runbook'];
  /** As they were applied. */
  readonly migrations: readonly string[];
  readonly seeds: readonly string[];
}

/** On a database without users: the smoke validation fails, and everything is taken back, last to first, and proven to be. */
export async function expectUndone({ runbook, migrations, seeds }: Undone): Promise<void> {
  const world = await makeProductWorld({ runbook, sample: 'empty' });
  const state = await runToTheEnd(world);
  expect(state.outcome).toBe('rolled-back');
  expect(state.problem).toMatchObject({ code: 'validation-failed' });
  expect(state.fingerprints.before).toBe(state.fingerprints.after);
  expect(titles(state, 'undo')).toEqual([
    'passed fence',
    ...seeds.toReversed().map((seed) => `passed undo-seed-${seed}`),
    ...migrations.toReversed().map((version) => `passed undo-apply-${version}`),
    'passed verify',
  ]);
  expect(await world.database.query('select from pg_namespace where nspname = $1', [runbook])).toEqual([]);
}

export function titles(state: RunState, phase: string): string[] {
  return state.items.filter((item) => item.phase === phase).map((item) => `${item.status} ${item.id}`);
}
