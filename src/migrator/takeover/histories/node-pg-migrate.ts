/** node-pg-migrate: the names of the files that were run, without their endings. */
import { entryOf, type HistoryFormat, hasExactly, isoSql, listed } from '../history.ts';

interface Row {
  readonly name: string;
  readonly at: string | null;
}

export const nodePgMigrateHistory: HistoryFormat = {
  tool: 'node-pg-migrate',
  tables: ['pgmigrations'],
  fits: (table) => hasExactly(table, ['id', 'name', 'run_on']),
  read: async (ask, { quoted }) => {
    const rows = await ask<Row>(`select name, ${isoSql('run_on')} as at from ${quoted} order by id`);
    return listed(rows.map(({ name, at }) => entryOf(numberOf(name), { label: name, appliedAt: at })));
  },
};

/** The digits that a name begins with; a name without any is found in no directory. */
function numberOf(name: string): string {
  return /^\d+/.exec(name)?.[0] ?? name;
}
