/**
 * Whether an index that is there is the one that a statement asks for: a name alone does not say so. It compares what the
 * catalog and the parse tree both name; expressions and predicates count as there or not there.
 */
import type pg from 'pg';
import { ProblemError } from '../model/problem.ts';
import { quoted } from './index-state.ts';
import type { SqlFile } from './sql-file.ts';
import { type SqlStatement, whereIs } from './sql-statement.ts';
import type { IndexShape, LoneWork } from './statement-kinds.ts';

export interface SameIndex {
  readonly doing: string;
  readonly file: SqlFile;
  readonly statement: SqlStatement;
  readonly lone: Extract<LoneWork, { kind: 'create-index' }>;
}

const SHAPE = `
  select i.indisunique as unique, m.amname::text as method,
         case when i.indpred is null then 'none' else 'some' end as predicate,
         array(select a.attname::text from generate_series(0, i.indnkeyatts - 1) k
                left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k] and a.attnum <> 0
                order by k) as columns,
         array(select a.attname::text from generate_series(i.indnkeyatts::int, i.indnatts - 1) k
                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k] order by k) as include,
         pg_get_indexdef(i.indexrelid) as definition
    from pg_class t
    join pg_class c on c.relnamespace = t.relnamespace and c.relname = $2
    join pg_am m on m.oid = c.relam
    join pg_index i on i.indexrelid = c.oid and i.indrelid = t.oid
   where t.oid = to_regclass($1)`;

/** Errors: `index-differs`. */
export async function requireSameIndex(client: pg.Client, { doing, file, statement, lone }: SameIndex): Promise<void> {
  const { rows } = await client.query<IndexShape & { definition: string }>(SHAPE, [
    quoted(lone.table),
    lone.index.name,
  ]);
  const { definition, ...shape } = rows[0]!;
  if (isSame(shape, lone.shape)) return;
  throw new ProblemError({
    code: 'index-differs',
    message: `${doing}: index ${quoted(lone.index)} is there, and is another one than the file asks for`,
    found: `${definition}\n${whereIs(file, statement)}`,
    expected: 'an index of that name with the same columns, or none',
    next: `drop that index or give the one in ${file.path} another name, then run the same command again`,
  });
}

function isSame(a: IndexShape, b: IndexShape): boolean {
  const text = ({ unique, method, columns, include, predicate }: IndexShape) =>
    JSON.stringify([unique, method, columns, include, predicate]);
  return text(a) === text(b);
}
