/** drizzle: a sha256 over each file, and the time at which it was generated, by which the journal knows the file. */
import { entryOf, type HistoryFormat, hasExactly, listed } from '../history.ts';

interface Row {
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly generated: string | null;
}

export const drizzleHistory: HistoryFormat = {
  tool: 'drizzle',
  tables: ['__drizzle_migrations'],
  fits: (table) => hasExactly(table, ['id', 'hash', 'created_at']),
  read: async (ask, { quoted }, { drizzleTags }) => {
    const tags = drizzleTags();
    const rows = await ask<Row>(`select hash, created_at::text as generated from ${quoted} order by id`);
    return listed(
      rows.map(({ hash, generated }) => {
        const tag = tags?.get(generated ?? '');
        const label = tag ?? `the file with the hash ${hash.slice(0, 12)}…`;
        const version = /^\d+/.exec(tag ?? '')?.[0] ?? label;
        return entryOf(version, { label, checksum: { kind: 'sha256', value: hash } });
      }),
    );
  },
};
