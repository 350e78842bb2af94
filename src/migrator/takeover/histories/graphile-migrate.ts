/** graphile-migrate: the names of the committed files that were run. */
import { entryOf, type HistoryFormat, hasExactly, isoSql, listed } from '../history.ts';

interface Row {
  readonly name: string;
  readonly at: string | null;
}

export const graphileMigrateHistory: HistoryFormat = {
  tool: 'graphile-migrate',
  tables: ['migrations'],
  fits: (table) => hasExactly(table, ['hash', 'previous_hash', 'filename', 'date']),
  read: async (ask, { quoted }) => {
    const rows = await ask<Row>(`select filename as name, ${isoSql('date')} as at from ${quoted} order by filename`);
    return listed(rows.map(({ name, at }) => entryOf(/^\d+/.exec(name)?.[0] ?? name, { label: name, appliedAt: at })));
  },
};
