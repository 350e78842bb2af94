/** goose: a row for every way up, and in older versions one for every way down too; the last one of a version counts. */
import { entryOf, type HistoryFormat, hasColumns, isoSql, listed } from '../history.ts';

interface Row {
  readonly version: string;
  readonly applied: boolean;
  readonly at: string | null;
}

export const gooseHistory: HistoryFormat = {
  tool: 'goose',
  tables: ['goose_db_version'],
  fits: (table) => hasColumns(table, ['id', 'version_id', 'is_applied', 'tstamp']),
  read: async (ask, { quoted }) => {
    // Version 0 is the row that goose makes with its table.
    const rows = await ask<Row>(
      `select distinct on (version_id) version_id::text as version, is_applied as applied, ${isoSql('tstamp')} as at
         from ${quoted} where version_id > 0 order by version_id, id desc`,
    );
    return listed(rows.filter(({ applied }) => applied).map(({ version, at }) => entryOf(version, { appliedAt: at })));
  },
};
