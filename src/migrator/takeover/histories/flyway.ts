/**
 * Flyway: a row for everything it did, in the order of `installed_rank`. What counts is the last row of a version: applied,
 * undone, or struck out by its own repair. A baseline stands for everything up to it.
 */
import type { Problem } from '../../../model/problem.ts';
import { versionKey } from '../../version-order.ts';
import { entryOf, type HistoryEntry, type HistoryFormat, hasColumns, isoSql } from '../history.ts';

interface Row {
  /** Null for a repeatable migration. */
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly at: string | null;
  readonly durationMs: number;
  readonly success: boolean;
}

const NO_MIGRATION = ['SCHEMA', 'DELETE', 'TABLE'];

export const flywayHistory: HistoryFormat = {
  tool: 'flyway',
  tables: ['flyway_schema_history', 'schema_version'],
  fits: (table) =>
    hasColumns(table, ['installed_rank', 'version', 'description', 'type', 'script', 'checksum', 'success']),
  read: async (ask, { quoted }) => {
    const rows = await ask<Row>(
      `select version, description, type, script, checksum, ${isoSql('installed_on')} as at,
              execution_time as "durationMs", success
         from ${quoted} order by installed_rank`,
    );
    const last = [...lastOf(rows).values()];
    const baseline = rows.findLast(({ type }) => type === 'BASELINE')?.version ?? null;
    return {
      entries: last.filter(isMigration).map(entryFor),
      through: baseline === null ? null : { version: baseline, file: 'optional' },
      problems: last.filter(({ success }) => !success).map(failed),
    };
  },
};

/** The last row of every version and of every repeatable migration. */
function lastOf(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.version === null ? `R ${row.description}` : versionKey(row.version), row]));
}

function isMigration({ type, success }: Row): boolean {
  if (!success || type.startsWith('UNDO') || NO_MIGRATION.includes(type)) return false;
  return type !== 'BASELINE';
}

function entryFor({ version, description, type, script, checksum, at, durationMs }: Row): HistoryEntry {
  const verifiable = checksum !== null && type.startsWith('SQL');
  const kept = {
    label: script,
    appliedAt: at,
    durationMs,
    checksum: verifiable ? ({ kind: 'crc32-of-lines', value: String(checksum) } as const) : null,
  };
  if (version !== null) return entryOf(version, kept);
  return { of: { kind: 'repeatable', name: description }, ...kept };
}

function failed({ script, version }: Row): Problem {
  return {
    code: 'history-dirty',
    message: `Flyway failed in ${script}, and nobody has said since what it left`,
    found: `version ${version ?? 'none'}, not successful`,
    expected: 'a history in which every migration is whole',
    next: 'take back by hand what it left, let Flyway `repair` its history, then run the same command again',
    retry: 'stop',
  };
}
