/** Prepared transactions of the database: they hold their locks without a session, through a restart, until somebody ends them. */
import { formatDuration } from '../../model/duration.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { count, fact } from '../outcome.ts';
import { look } from './look.ts';

interface Row {
  readonly gid: string;
  readonly owner: string;
  readonly ageMs: number;
}

export const preparedLook = look<Row>({
  name: 'prepared transactions',
  sql: () => `
    select gid, owner::text, (extract(epoch from clock_timestamp() - prepared) * 1000)::float8 as "ageMs"
      from pg_prepared_xacts where database = current_database() order by prepared`,
  judge: (rows, { limits: { preparedMs } }) => {
    const forgotten = rows.filter(({ ageMs }) => ageMs > preparedMs);
    const limit = `at most ${formatDuration(preparedMs)}`;
    return {
      evidence: [fact('prepared transactions', rows.map(words).join('\n') || 'none', limit)],
      problems: forgotten.length === 0 ? [] : [forgottenProblem(forgotten, preparedMs)],
    };
  },
});

function words({ gid, owner, ageMs }: Row): string {
  return `'${gid}' (owner ${owner}, for ${formatDuration(ageMs)})`;
}

function forgottenProblem(forgotten: readonly Row[], preparedMs: number): ProblemInput {
  const gid = forgotten[0]!.gid.replaceAll("'", "''");
  return {
    code: 'prepared-transaction-forgotten',
    message: `${count(forgotten.length, 'prepared transaction')} older than ${formatDuration(preparedMs)}`,
    found: forgotten.map(words).join('\n'),
    expected: 'none: its locks stay until somebody ends it',
    next: `find out from its coordinator which, then COMMIT PREPARED '${gid}' or ROLLBACK PREPARED '${gid}', and retry this item`,
  };
}
