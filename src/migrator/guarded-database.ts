/**
 * A mirror that drops a whole database: what is in it is in no transaction of ours, and it is not saved. It is looked into first, and
 * dropped only where it holds nothing.
 */
import { ProblemError } from '../model/problem.ts';
import { connect } from '../postgres/connect.ts';
import { parseDatabaseUrl } from '../postgres/database-url.ts';
import { globalObjectExists } from './index-state.ts';
import type { LoneStep } from './lone-statement.ts';
import { whereIs } from './sql-statement.ts';
import type { LoneWork } from './statement-kinds.ts';
import type { Work } from './work.ts';

/** Nothing, for any other statement. Errors: `loss-unknown`, unless the work drops rows unsaved. */
export async function refuseFilledDatabase(work: Work, step: Omit<LoneStep, 'attempt'>): Promise<void> {
  const database = databaseDropped(step.work);
  if (database === undefined || work.dataLoss === 'drop-rows-unsaved') return;
  if (!(await globalObjectExists(work.session.client, { object: 'database', name: database }))) return;
  const found = await whatItHolds(work, database);
  if (found.length === 0) return;
  throw new ProblemError({
    code: 'loss-unknown',
    message: `${step.doing} would drop the database ${database} with what is in it, which is not saved; nothing was dropped`,
    found: [...found, whereIs(step.file, step.statement)].join('\n'),
    expected: 'a database without rows and without large objects',
    next: 'save by hand what it holds, then run `rollback --allow-data-loss`',
  });
}

function databaseDropped(lone: LoneWork): string | undefined {
  return lone.kind === 'global-object' && lone.object === 'database' && lone.does === 'drop' ? lone.name : undefined;
}

const MOST_NAMED = 5;

/** Its large objects, and a line for each of the first few tables; one whose rows were all deleted counts until it is vacuumed. */
const HOLDS = `
select * from (
  select c.oid::regclass::text || ' holds something' as line from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'm') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and pg_relation_size(c.oid) > 0
   order by pg_relation_size(c.oid) desc limit ${MOST_NAMED}) as tables
union all
select count(*) || case count(*) when 1 then ' large object' else ' large objects' end from pg_largeobject_metadata having count(*) > 0`;

async function whatItHolds(work: Work, database: string): Promise<readonly string[]> {
  const url = parseDatabaseUrl(work.connection.url);
  url.pathname = `/${encodeURIComponent(database)}`;
  try {
    const session = await connect({ ...work.connection, url: url.href, purpose: 'read' });
    try {
      const { rows } = await session.client.query<{ line: string }>(HOLDS);
      return rows.map(({ line }) => line);
    } finally {
      await session.close();
    }
  } catch (error) {
    return [`it cannot be looked into: ${error instanceof Error ? error.message : String(error)}`];
  }
}
