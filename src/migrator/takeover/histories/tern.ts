/** tern: one row with the last version; everything up to it is applied. */
import { type HistoryFormat, hasExactly } from '../history.ts';

export const ternHistory: HistoryFormat = {
  tool: 'tern',
  tables: ['schema_version'],
  fits: (table) => hasExactly(table, ['version']),
  read: async (ask, { quoted }) => {
    const [row] = await ask<{ version: string }>(`select version::text from ${quoted}`);
    const through = row && row.version !== '0' ? ({ version: row.version, file: 'required' } as const) : null;
    return { entries: [], through, problems: [] };
  },
};
