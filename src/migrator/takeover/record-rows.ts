/** The SQL of ledger rows for migrations that somebody else applied, many at once. It decides nothing. */
import pg from 'pg';
import { ledgerName } from '../ledger-table.ts';
import { DRYDOCK_VERSION } from '../version.ts';

export interface RecordedRow {
  readonly version: string;
  readonly name: string;
  readonly upChecksum: string;
  readonly downChecksum: string | null;
  /** ISO 8601; null: now. */
  readonly appliedAt: string | null;
  /** Null: not known, recorded as 0. */
  readonly durationMs: number | null;
}

/** None for no rows. `appliedBy`: `import:goose (anna@desk)`. */
export function recordRowsSql(
  schema: string,
  rows: readonly RecordedRow[],
  { appliedBy, runId }: { readonly appliedBy: string; readonly runId: string | null },
): string | undefined {
  if (rows.length === 0) return undefined;
  const text = (value: string | null) => (value === null ? 'null' : pg.escapeLiteral(value));
  const values = rows.map(({ version, name, upChecksum, downChecksum, appliedAt, durationMs }) => {
    const at = appliedAt === null ? 'transaction_timestamp()' : `${text(appliedAt)}::timestamptz`;
    const duration = Math.max(0, Math.round(durationMs ?? 0));
    return `(${[version, name, upChecksum, downChecksum].map(text).join(', ')}, ${at} - interval '${duration} ms', ${at}, ${duration})`;
  });
  return `insert into ${ledgerName(schema)} (version, name, up_checksum, down_checksum, started_at, finished_at, parts_done,
  parts_total, duration_ms, applied_by, run_id, drydock_version)
select version, name, up_checksum, down_checksum, started_at, finished_at, 1, 1, duration_ms,
       ${text(appliedBy)}, ${text(runId)}, ${text(DRYDOCK_VERSION)}
  from (values ${values.join(',\n  ')})
    as given (version, name, up_checksum, down_checksum, started_at, finished_at, duration_ms)`;
}
