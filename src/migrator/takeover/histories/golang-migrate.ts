/** golang-migrate: one row with the last version and whether it is dirty; everything up to it is applied. */
import type { Problem } from '../../../model/problem.ts';
import { type HistoryFormat, hasExactly } from '../history.ts';

export const golangMigrateHistory: HistoryFormat = {
  tool: 'golang-migrate',
  tables: ['schema_migrations'],
  fits: (table) => hasExactly(table, ['version', 'dirty']),
  read: async (ask, { quoted }) => {
    const [row] = await ask<{ version: string; dirty: boolean }>(`select version::text, dirty from ${quoted}`);
    // It writes -1 for "nothing is applied".
    const through = row && row.version !== '-1' ? ({ version: row.version, file: 'required' } as const) : null;
    return { entries: [], through, problems: row?.dirty ? [dirty(row.version)] : [] };
  },
};

function dirty(version: string): Problem {
  return {
    code: 'history-dirty',
    message: `golang-migrate stopped inside ${version}, and nobody has said since what it left`,
    found: `version ${version}, dirty`,
    expected: 'a history in which every migration is whole',
    next: [
      `look at what ${version} did, and finish it or take it back by hand`,
      `tell golang-migrate with \`force\`: ${version} where it is finished, the version before where it is taken back`,
      'then run the same command again',
    ].join('\n'),
    retry: 'stop',
  };
}
