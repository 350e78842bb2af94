/**
 * Up, down and up again, one migration at a time, with a look at the catalog after each step; then the repeatable ones, twice.
 * Where a stage fails it goes on with what can still be found out. It does not know where the database came from.
 */
import type { Problem } from '../../model/problem.ts';
import type { RehearsedMigration } from '../../model/rehearsal.ts';
import type { MigrationFile } from '../files.ts';
import { diffFingerprints, type Objects } from '../fingerprint.ts';
import { CatalogTrail } from './catalog-trail.ts';
import type { CatalogWatch } from './catalog-watch.ts';
import { clear, type MigrationRecord, type PassGround, passDown, passUp, type Steps } from './pass.ts';
import type { OnRehearsalEvent } from './rehearsal-events.ts';

export interface StagesPlan {
  /** On the throw-away database; observing. */
  readonly steps: Steps;
  /** In order. */
  readonly files: readonly MigrationFile[];
  /** Run after all of them, in order. */
  readonly repeatables: readonly MigrationFile[];
  readonly forget: Forget;
  /** Of the whole throw-away database. */
  readonly catalog: Pick<CatalogWatch, 'look' | 'lookAtAll'>;
  readonly emit: OnRehearsalEvent;
  readonly signal: AbortSignal | undefined;
}

/** Makes the ledger say that these repeatable migrations have changed since they were run. */
export type Forget = (versions: readonly string[]) => Promise<void>;

export interface StagesFound {
  readonly migrations: readonly RehearsedMigration[];
  /** Relations that were observed and not there at the beginning. */
  readonly madeHere: readonly string[];
  readonly differencesAtEnd: readonly string[];
  readonly problems: readonly Problem[];
}

/** Errors: `interrupted` and those of a lost server; whatever a migration does is found, not thrown. */
export async function rehearseStages(plan: StagesPlan): Promise<StagesFound> {
  const records = plan.files.map(newRecord);
  const repeated = plan.repeatables.map(newRecord);
  const ground: PassGround = { ...plan, problems: [] };
  const start = await plan.catalog.lookAtAll();
  const course: Course = { ground, records, trail: new CatalogTrail(start), catalog: plan.catalog };
  const applied = await goUp(course);
  const top = await plan.catalog.lookAtAll();
  const isDown = await goDown({ ...course, records: records.slice(0, applied) });
  const isUpAgain = isDown && applied === records.length && (await goUpAgain(ground, records));
  const differencesAtEnd = isUpAgain ? diffFingerprints(top, await plan.catalog.lookAtAll()) : [];
  if (isUpAgain) await runTwice(ground, repeated, plan.forget);
  const migrations = [...records, ...repeated];
  return { migrations, madeHere: madeSince(start, migrations), differencesAtEnd, problems: ground.problems };
}

interface Course {
  readonly ground: PassGround;
  readonly records: MigrationRecord[];
  readonly trail: CatalogTrail;
  readonly catalog: StagesPlan['catalog'];
}

/** How many were applied: all of them, or those before the one that failed. */
async function goUp({ ground, records, trail, catalog }: Course): Promise<number> {
  for (const [index, record] of records.entries()) {
    record.up = await passUp(ground, record, 'up');
    if (record.up.outcome === 'failed') {
      await clear(ground, record);
      return index;
    }
    trail.push(await catalog.look());
  }
  return records.length;
}

/** True where all of them were taken back. What an earlier down file left is not counted against a later one. */
async function goDown({ ground, records, trail, catalog }: Course): Promise<boolean> {
  let known: ReadonlySet<string> = new Set();
  for (const record of records.toReversed()) {
    const { downChecksum } = record;
    if (downChecksum === null) {
      record.mirrors = 'no down file';
      return false;
    }
    record.down = await passDown(ground, record, downChecksum);
    if (record.down.outcome === 'failed') {
      record.mirrors = 'no';
      return false;
    }
    const before = trail.pop();
    const isAsBefore = diffFingerprints(before, await catalog.look()).length === 0;
    // Nobody is blamed by anything but a look at all of it.
    const lines = isAsBefore ? [] : diffFingerprints(before, await catalog.lookAtAll());
    record.differences = lines.filter((line) => !known.has(line));
    record.mirrors = record.differences.length === 0 ? 'yes' : 'no';
    known = new Set(lines);
  }
  return true;
}

async function goUpAgain(ground: PassGround, records: readonly MigrationRecord[]): Promise<boolean> {
  for (const record of records) {
    record.upAgain = await passUp(ground, record, 'up again');
    if (record.upAgain.outcome === 'failed') return false;
  }
  return true;
}

/** Repeatable ones have nothing to take them back with; what they have to stand is being run again. */
async function runTwice(ground: PassGround, records: readonly MigrationRecord[], forget: Forget): Promise<void> {
  for (const record of records) {
    record.mirrors = 'not needed';
    record.up = await passUp(ground, record, 'up');
    if (record.up.outcome === 'failed') return;
  }
  await forget(records.map(({ version }) => version));
  for (const record of records) {
    record.upAgain = await passUp(ground, record, 'up again');
    if (record.upAgain.outcome === 'failed') return;
  }
}

function madeSince(start: Objects, records: readonly RehearsedMigration[]): string[] {
  const known = new Set(start.objects.map(({ id }) => id));
  const observed = records.flatMap(({ up, down, upAgain }) =>
    [up, down, upAgain].flatMap((one) => one?.observed ?? []),
  );
  const names = observed.flatMap(({ locks, rewritten }) => [...locks.map(({ table }) => table), ...rewritten]);
  return [...new Set(names)].filter((name) => !known.has(name)).sort();
}

function newRecord(file: MigrationFile): MigrationRecord {
  return {
    version: file.version,
    name: file.name,
    upChecksum: file.up.checksum,
    downChecksum: file.down?.checksum ?? null,
    up: null,
    down: null,
    upAgain: null,
    mirrors: 'not tried',
    differences: [],
  };
}
