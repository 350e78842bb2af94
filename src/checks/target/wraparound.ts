/**
 * Vacuums against wraparound on the tables that we lock: unlike others they do not give way, so that a lock waits until they are
 * through. One that runs fails the check; one that is due is said.
 */
import type { ProblemInput } from '../../model/problem.ts';
import { count, fact } from '../outcome.ts';
import { look } from './look.ts';
import { tablesSql } from './tables-in-question.ts';

interface Row {
  readonly name: string;
  /** In transactions, of autovacuum_freeze_max_age; the larger share of the two kinds of ids. */
  readonly share: number;
  /** Of the vacuum that runs there; null where none does. */
  readonly pid: number | null;
  /** Whether this role may not see what the vacuum that runs there is. */
  readonly hidden: boolean | null;
}

export const wraparoundLook = look<Row>({
  name: 'vacuum against wraparound',
  sql: (scope) => `
    with t as (${tablesSql(scope)}), l as (
      select current_setting('autovacuum_freeze_max_age')::float8 as xids,
             current_setting('autovacuum_multixact_freeze_max_age')::float8 as multis)
    select t.name, greatest(age(c.relfrozenxid) / l.xids, mxid_age(c.relminmxid) / l.multis) as share, v.pid, v.hidden
      from t join pg_class c on c.oid = t.oid cross join l
           left join lateral (
             select a.pid, a.backend_type is null as hidden from pg_locks k join pg_stat_activity a on a.pid = k.pid
              where k.locktype = 'relation' and k.relation in (c.oid, c.reltoastrelid) and a.usesysid is null
                and k.database = (select oid from pg_database where datname = current_database())
                and k.mode = 'ShareUpdateExclusiveLock'
                and (a.backend_type is null or a.query like 'autovacuum:%(to prevent wraparound)')
              limit 1) v on true
     where c.relkind in ('r', 'm')
     order by 2 desc, 1`,
  judge: (rows) => {
    const running = rows.filter(({ pid, hidden }) => pid !== null && !hidden);
    const unseen = rows.filter(({ hidden }) => hidden === true);
    return {
      evidence: [
        fact('vacuum against wraparound', running.map(words).join('\n') || 'none runs on these tables', 'none'),
        ...(unseen.length > 0
          ? [fact('vacuum not visible', `on ${names(unseen)}: grant pg_monitor to see whether it gives way`)]
          : []),
        ...due(rows),
      ],
      problems: running.length === 0 ? [] : [runningProblem(running)],
    };
  },
});

const names = (rows: readonly Row[]): string => rows.map(({ name }) => name).join(', ');
const words = ({ name, pid }: Row): string => `pid ${pid} on ${name}`;

/** From half of the limit on it is worth a line. */
function due(rows: readonly Row[]) {
  const [oldest] = rows;
  if (oldest === undefined || oldest.share < 0.5) return [];
  const share = `${Math.round(oldest.share * 100)} % of autovacuum_freeze_max_age`;
  return [fact('oldest table', `${oldest.name}: ${share}; a vacuum that does not give way starts at 100 %`)];
}

function runningProblem(running: readonly Row[]): ProblemInput {
  return {
    code: 'wraparound-vacuum',
    message: `a vacuum against wraparound is at work on ${count(running.length, 'table')} that we lock`,
    found: running.map(words).join('\n'),
    expected: 'none: it does not give way to a lock',
    next: 'wait until it has ended (SELECT * FROM pg_stat_progress_vacuum), then retry this item; do not cancel it',
  };
}
