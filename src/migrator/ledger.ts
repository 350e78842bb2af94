/**
 * Reads the ledger and writes the SQL that keeps it. It is the only truth about what is applied; what its rows mean for the
 * files on disk is decided in plan.ts.
 */
import pg from 'pg';
import { ProblemError } from '../model/problem.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import { ledgerName } from './ledger-table.ts';
import { isRepeatableVersion } from './repeatable-files.ts';
import { compareVersions } from './version-order.ts';

/** A row of the ledger; times are ISO 8601 in UTC. */
export interface LedgerRow {
  readonly version: string;
  readonly name: string;
  readonly upChecksum: string;
  /** Null where the migration has no mirror. */
  readonly downChecksum: string | null;
  readonly startedAt: string;
  /** Null while it is unfinished. */
  readonly finishedAt: string | null;
  readonly partsDone: number;
  readonly partsTotal: number;
  readonly durationMs: number;
  readonly appliedBy: string;
  readonly runId: string | null;
  readonly drydockVersion: string;
  /** Not null while an undoing in several parts is under way. */
  readonly undoStartedAt: string | null;
}

/** `absent` where the table does not exist: nothing is applied then. */
export type LedgerState = 'absent' | 'present';

export interface Ledger {
  readonly state: LedgerState;
  /** In order of their versions. */
  readonly rows: readonly LedgerRow[];
  /** Those of repeatable migrations, whose version is `R__name`. */
  readonly repeatables: readonly LedgerRow[];
}

const byVersion = (a: LedgerRow, b: LedgerRow) => compareVersions(a.version, b.version);
/** As JSON `2026-11-22T14:03:07.123456`, whatever the session's formats are; no digit of the fraction that is zero at its end. */
const utc = (column: string) => `${column} at time zone 'UTC'`;
const iso = (moment: string) => `${moment.slice(0, 19)}.${moment.slice(20, 23).padEnd(3, '0')}Z`;
const isoOrNull = (moment: string | null) => (moment === null ? null : iso(moment));
export const ABSENT_LEDGER: Ledger = { state: 'absent', rows: [], repeatables: [] };

/** An expression for whether there is a ledger. */
export function ledgerStateOf(schema: string): string {
  return `case when to_regclass(${pg.escapeLiteral(ledgerName(schema))}) is null then 'absent' else 'present' end`;
}

/** Creates nothing. Errors: `ledger-foreign`. */
export async function readLedger(client: pg.Client, schema: string): Promise<Ledger> {
  const { rows } = await client.query<{ state: LedgerState }>(`select ${ledgerStateOf(schema)} as state`);
  return rows[0]!.state === 'absent' ? ABSENT_LEDGER : readPresentLedger(client, schema);
}

/** Where it is known that there is one. Errors: `ledger-foreign`. */
export async function readPresentLedger(client: pg.Client, schema: string): Promise<Ledger> {
  try {
    const { rows } = await client.query<{ all: LedgerColumns }>(`select ${ledgerRowsSql(schema)} as all`);
    return ledgerOf(rows[0]!.all);
  } catch (error) {
    throw ledgerError(error, schema);
  }
}

/** Of each column the values of all rows, in one order, moments as the server writes them; null where there is no row. */
export type LedgerColumns = { readonly [Column in keyof LedgerRow]: readonly LedgerRow[Column][] | null };

const COLUMNS: { readonly [Column in keyof LedgerRow]: string } = {
  version: 'version',
  name: 'name',
  upChecksum: 'up_checksum',
  downChecksum: 'down_checksum',
  startedAt: utc('started_at'),
  finishedAt: utc('finished_at'),
  partsDone: 'parts_done',
  partsTotal: 'parts_total',
  durationMs: 'duration_ms',
  appliedBy: 'applied_by',
  runId: 'run_id',
  drydockVersion: 'drydock_version',
  undoStartedAt: utc('undo_started_at'),
};

/** An expression for all rows in one value, column by column: of a thousand rows the driver and the server take much longer. */
export function ledgerRowsSql(schema: string): string {
  const columns = Object.entries(COLUMNS).map(([name, sql]) => `'${name}', json_agg(${sql})`);
  return `(select json_build_object(${columns.join(', ')}) from ${ledgerName(schema)})`;
}

/** What `ledgerRowsSql` gave. */
export function ledgerOf(columns: LedgerColumns): Ledger {
  const rows: LedgerRow[] = [];
  const repeatables: LedgerRow[] = [];
  for (const [at, version] of (columns.version ?? []).entries()) {
    (isRepeatableVersion(version) ? repeatables : rows).push(rowAt(columns as Filled, at));
  }
  return { state: 'present', rows: rows.sort(byVersion), repeatables };
}

type Filled = { readonly [Column in keyof LedgerRow]: readonly LedgerRow[Column][] };

function rowAt(columns: Filled, at: number): LedgerRow {
  return {
    version: columns.version[at]!,
    name: columns.name[at]!,
    upChecksum: columns.upChecksum[at]!,
    downChecksum: columns.downChecksum[at]!,
    startedAt: iso(columns.startedAt[at]!),
    finishedAt: isoOrNull(columns.finishedAt[at]!),
    partsDone: columns.partsDone[at]!,
    partsTotal: columns.partsTotal[at]!,
    durationMs: columns.durationMs[at]!,
    appliedBy: columns.appliedBy[at]!,
    runId: columns.runId[at]!,
    drydockVersion: columns.drydockVersion[at]!,
    undoStartedAt: isoOrNull(columns.undoStartedAt[at]!),
  };
}

/** The error of a query with `ledgerRowsSql`: a table without our columns is told for what it is. */
export function ledgerError(error: unknown, schema: string): unknown {
  return sqlstateOf(error) === '42703' ? foreignLedger(ledgerName(schema)) : error;
}

function foreignLedger(name: string): ProblemError {
  return new ProblemError({
    code: 'ledger-foreign',
    message: `${name} is not a ledger of this tool`,
    found: 'a table of that name without the columns up_checksum, down_checksum, parts_done …',
    expected: 'no such table, or one that Drydock made',
    next: `if it is the history of another migration tool, \`import\` takes it over; else give the ledger another schema, or rename that table`,
  });
}

/** What a new row says besides its progress. */
export interface LedgerEntry {
  readonly version: string;
  readonly name: string;
  readonly upChecksum: string;
  readonly downChecksum: string | null;
  readonly partsTotal: number;
  readonly appliedBy: string;
  readonly runId: string | null;
  readonly drydockVersion: string;
}

/** Milliseconds since the transaction began, in SQL. */
const ELAPSED_MS = '(extract(epoch from clock_timestamp() - transaction_timestamp()) * 1000)::integer';

/** What a row counts its time from: expressions for the moment and for the milliseconds since. */
export interface Timing {
  readonly startedAt: string;
  readonly elapsedMs: string;
}

const BY_TRANSACTION: Timing = { startedAt: 'transaction_timestamp()', elapsedMs: ELAPSED_MS };

/** A row with this many parts done; finished where that is all of them. Default timing: by its transaction. */
export function insertRowSql(
  schema: string,
  entry: LedgerEntry,
  partsDone: number,
  timing: Timing = BY_TRANSACTION,
): string {
  const finished = partsDone >= entry.partsTotal ? 'clock_timestamp()' : 'null';
  const text = (value: string | null) => (value === null ? 'null' : pg.escapeLiteral(value));
  return `insert into ${ledgerName(schema)} (version, name, up_checksum, down_checksum, started_at, finished_at,
  parts_done, parts_total, duration_ms, applied_by, run_id, drydock_version)
values (${text(entry.version)}, ${text(entry.name)}, ${text(entry.upChecksum)}, ${text(entry.downChecksum)},
  ${timing.startedAt}, ${finished}, ${partsDone}, ${entry.partsTotal}, ${timing.elapsedMs},
  ${text(entry.appliedBy)}, ${text(entry.runId)}, ${text(entry.drydockVersion)})${onConflict(entry)};`;
}

/** A repeatable one has had its row since it was first run. A second row of a numbered one is a fault, and shall fail. */
function onConflict({ version }: LedgerEntry): string {
  if (!isRepeatableVersion(version)) return '';
  const columns = ['name', 'up_checksum', 'started_at', 'finished_at', 'parts_done', 'parts_total', 'duration_ms'];
  const all = [...columns, 'applied_by', 'run_id', 'drydock_version', 'undo_started_at'];
  return ` on conflict (version) do update set ${all.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

/** Progress of a row that is there. `elapsedMs` undefined: timed by the transaction. */
export function progressSql(schema: string, entry: LedgerEntry, partsDone: number, elapsedMs?: number): string {
  const finished = partsDone >= entry.partsTotal ? 'clock_timestamp()' : 'null';
  const elapsed = elapsedMs === undefined ? ELAPSED_MS : String(Math.round(elapsedMs));
  return `update ${ledgerName(schema)}
   set parts_done = ${partsDone}, finished_at = ${finished}, duration_ms = duration_ms + ${elapsed},
       applied_by = ${pg.escapeLiteral(entry.appliedBy)},
       run_id = ${entry.runId === null ? 'null' : pg.escapeLiteral(entry.runId)}
 where version = ${pg.escapeLiteral(entry.version)};`;
}

/** Marks that undoing in several parts has begun: from here on the row counts as unfinished. */
export function undoStartedSql(schema: string, version: string): string {
  return `update ${ledgerName(schema)} set undo_started_at = clock_timestamp(), finished_at = null, parts_done = 0
 where version = ${pg.escapeLiteral(version)};`;
}

export function deleteRowSql(schema: string, version: string): string {
  return `delete from ${ledgerName(schema)} where version = ${pg.escapeLiteral(version)};`;
}
