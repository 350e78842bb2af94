/** Tools that keep nothing but a list of versions: dbmate, and Rails, which keeps a second table beside it. */
import { entryOf, type HistoryFormat, hasExactly, listed, type Tool } from '../history.ts';

export const dbmateHistory = versionList('dbmate');
export const railsHistory = versionList('rails');

function versionList(tool: Tool): HistoryFormat {
  return {
    tool,
    tables: ['schema_migrations'],
    fits: (table) => hasExactly(table, ['version']),
    read: async (ask, { quoted }) => {
      const rows = await ask<{ version: string }>(`select version::text from ${quoted} order by 1`);
      return listed(rows.map(({ version }) => entryOf(version)));
    },
  };
}
