/** sqlx: a row for every migration, with a sha384 over the file. refinery keeps nearly the same under another name. */
import type { Problem } from '../../../model/problem.ts';
import { entryOf, type HistoryFormat, hasColumns, isoSql, listed } from '../history.ts';

interface Row {
  readonly version: string;
  readonly name: string;
  readonly at: string | null;
  readonly success: boolean;
  readonly checksum: string;
  readonly durationMs: number;
}

export const sqlxHistory: HistoryFormat = {
  tool: 'sqlx',
  tables: ['_sqlx_migrations'],
  fits: (table) =>
    hasColumns(table, ['version', 'description', 'installed_on', 'success', 'checksum', 'execution_time']),
  read: async (ask, { quoted }) => {
    const rows = await ask<Row>(
      `select version::text, description as name, ${isoSql('installed_on')} as at, success,
              encode(checksum, 'hex') as checksum, greatest(execution_time / 1000000, 0)::integer as "durationMs"
         from ${quoted} order by version`,
    );
    const entries = rows.map(({ version, name, at, checksum, durationMs }) => {
      const label = `${version} ${name}`;
      return entryOf(version, { label, appliedAt: at, durationMs, checksum: { kind: 'sha384', value: checksum } });
    });
    return listed(entries, rows.filter(({ success }) => !success).map(failed));
  },
};

export const refineryHistory: HistoryFormat = {
  tool: 'refinery',
  tables: ['refinery_schema_history'],
  fits: (table) => hasColumns(table, ['version', 'name', 'applied_on', 'checksum']),
  read: async (ask, { quoted }) => {
    const rows = await ask<Pick<Row, 'version' | 'name' | 'at'>>(
      `select version::text, name, ${isoSql('applied_on')} as at from ${quoted} order by version`,
    );
    return listed(
      rows.map(({ version, name, at }) => entryOf(version, { label: `V${version}__${name}`, appliedAt: at })),
    );
  },
};

function failed({ version, name }: Row): Problem {
  return {
    code: 'history-dirty',
    message: `sqlx stopped inside ${version} ${name}, and nobody has said since what it left`,
    found: `version ${version}, not successful`,
    expected: 'a history in which every migration is whole',
    next: `look at what it left, finish it or take it back by hand, correct its row in _sqlx_migrations, then run the same command again`,
    retry: 'stop',
  };
}
