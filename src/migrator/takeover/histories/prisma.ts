/** Prisma: a row for every attempt, with the name of the directory and a sha256 over the file. */
import type { Problem } from '../../../model/problem.ts';
import { entryOf, type HistoryFormat, hasColumns, isoSql, listed } from '../history.ts';

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly at: string | null;
  readonly durationMs: number | null;
}

export const prismaHistory: HistoryFormat = {
  tool: 'prisma',
  tables: ['_prisma_migrations'],
  fits: (table) => hasColumns(table, ['migration_name', 'checksum', 'finished_at', 'rolled_back_at']),
  read: async (ask, { quoted }) => {
    // A row that was resolved as rolled back stays behind; the attempt after it has one of its own.
    const rows = await ask<Row>(
      `select migration_name as name, checksum, ${isoSql('finished_at')} as at,
              (extract(epoch from finished_at - started_at) * 1000)::integer as "durationMs"
         from ${quoted} where rolled_back_at is null order by started_at`,
    );
    const entries = rows.map(({ name, checksum, at, durationMs }) => {
      const version = /^\d+/.exec(name)?.[0] ?? name;
      return entryOf(version, {
        label: name,
        appliedAt: at,
        durationMs,
        checksum: { kind: 'sha256', value: checksum },
      });
    });
    return listed(entries, rows.filter(({ at }) => at === null).map(failed));
  },
};

function failed({ name }: Row): Problem {
  return {
    code: 'history-dirty',
    message: `Prisma failed in ${name}, and nobody has said since what it left`,
    found: `${name} has no finished_at`,
    expected: 'a history in which every migration is whole',
    next: 'look at what it left, tell Prisma with `migrate resolve`, then run the same command again',
    retry: 'stop',
  };
}
