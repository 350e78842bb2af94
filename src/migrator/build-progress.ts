/**
 * How far an index is, as one number: PostgreSQL counts blocks and tuples phase by phase, and this weighs the phases. Pure but
 * for the one query; when to tell is decided here too, so that no rendering has to.
 */
import type pg from 'pg';
import type { BuildProgress } from '../model/migrator-event.ts';

/** A row of pg_stat_progress_create_index, with names. */
export interface ProgressRow {
  readonly index: string | null;
  readonly table: string;
  readonly command: string;
  readonly phase: string;
  readonly blocksDone: number;
  readonly blocksTotal: number;
  readonly tuplesDone: number;
  readonly tuplesTotal: number;
  readonly lockersDone: number;
  readonly lockersTotal: number;
}

const PROGRESS = `
  select nullif(p.index_relid, 0)::regclass::text as index, p.relid::regclass::text as table, p.command, p.phase,
         p.blocks_done::float8 as "blocksDone", p.blocks_total::float8 as "blocksTotal",
         p.tuples_done::float8 as "tuplesDone", p.tuples_total::float8 as "tuplesTotal",
         p.lockers_done::int as "lockersDone", p.lockers_total::int as "lockersTotal"
    from pg_catalog.pg_stat_progress_create_index p where p.pid = $1 and p.relid is not null`;

/** Undefined while that backend builds no index. Errors: the driver's own. */
export async function progressOf(client: pg.Client, pid: number): Promise<ProgressRow | undefined> {
  return (await client.query<ProgressRow>(PROGRESS, [pid])).rows[0];
}

type Measure = 'blocks' | 'tuples' | 'lockers';

/** Where each phase begins and ends, in percent of the whole. The first pattern that fits counts. */
type Phases = readonly (readonly [phase: RegExp, from: number, to: number, by: Measure])[];

const CONCURRENT: Phases = [
  [/^waiting for writers before build/, 0, 1, 'lockers'],
  [/^building index: scanning table/, 1, 55, 'blocks'],
  [/^building index: sorting/, 55, 60, 'tuples'],
  [/^building index: loading/, 60, 75, 'tuples'],
  [/^building index/, 1, 75, 'blocks'],
  [/^waiting for writers before validation/, 75, 76, 'lockers'],
  [/^index validation: scanning index/, 76, 80, 'blocks'],
  [/^index validation: sorting/, 80, 82, 'tuples'],
  [/^index validation: scanning table/, 82, 97, 'blocks'],
  [/^waiting for old snapshots/, 97, 98, 'lockers'],
  [/^waiting for readers/, 98, 99, 'lockers'],
];

const LOCKING: Phases = [
  [/^building index: scanning table/, 0, 75, 'blocks'],
  [/^building index: sorting/, 75, 80, 'tuples'],
  [/^building index: loading/, 80, 99, 'tuples'],
  [/^building index/, 0, 99, 'blocks'],
];

/** 0 to 99: it is only done when the statement is. */
export function percentOf(row: ProgressRow): number {
  const phases = row.command.endsWith('CONCURRENTLY') ? CONCURRENT : LOCKING;
  const found = phases.find(([phase]) => phase.test(row.phase));
  if (!found) return 0;
  const [, from, to, by] = found;
  return Math.floor(from + (to - from) * shareOf(row, by));
}

function shareOf(row: ProgressRow, by: Measure): number {
  const done = { blocks: row.blocksDone, tuples: row.tuplesDone, lockers: row.lockersDone }[by];
  const total = { blocks: row.blocksTotal, tuples: row.tuplesTotal, lockers: row.lockersTotal }[by];
  return total > 0 ? Math.min(1, done / total) : 0;
}

/** Percent that make a step worth telling, and the time after which it is told in any case. */
const STEP_PERCENT = 5;
const TELL_EVERY_MS = 5_000;

/** Tells what is new; undefined where it is not worth a line. Give it every look, in order. */
export function progressTeller(): (row: ProgressRow, nowMs: number) => BuildProgress | undefined {
  let told: (BuildProgress & { readonly atMs: number }) | undefined;
  let highest = { of: '', percent: 0 };
  return (row, nowMs) => {
    const of = `${row.table} ${row.index}`;
    // A build of several indexes begins again with each; within one the number only grows.
    highest = { of, percent: highest.of === of ? Math.max(highest.percent, percentOf(row)) : percentOf(row) };
    const build: BuildProgress = {
      index: row.index,
      table: row.table,
      command: row.command,
      phase: row.phase,
      percent: highest.percent,
      lockersTotal: row.lockersTotal,
      lockersDone: row.lockersDone,
    };
    const same = told && told.phase === build.phase && told.index === build.index && told.table === build.table;
    if (same && build.percent - told!.percent < STEP_PERCENT && nowMs - told!.atMs < TELL_EVERY_MS) return undefined;
    told = { ...build, atMs: nowMs };
    return build;
  };
}
