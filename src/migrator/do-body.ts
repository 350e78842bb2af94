/**
 * What stands inside a DO block: its statements as they are written, and what cannot be read from its text. Branches are not
 * followed: every statement in it may run.
 */
import { type DoStmt, type Node, parsePlPgSQLSync, parseSync } from 'libpg-query';
import type { DoBody } from './sql-statement.ts';

/** The parser must have been loaded, which parsing the file has done. */
export function readDoBody(block: DoStmt, text: string): DoBody {
  const language = argument(block, 'language') ?? 'plpgsql';
  if (language.toLowerCase() !== 'plpgsql') return { statements: [], opaque: [`a DO block in ${language}`] };
  try {
    const statements: Node[] = [];
    const opaque = new Set<string>();
    for (const found of embedded(parsePlPgSQLSync(text))) addStatement(found, statements, opaque);
    return { statements, opaque: [...opaque] };
  } catch {
    return { statements: [], opaque: ['a DO block that the parser cannot read'] };
  }
}

function argument({ args }: DoStmt, name: string): string | undefined {
  for (const arg of args ?? []) {
    const { defname, arg: value } = 'DefElem' in arg ? arg.DefElem : {};
    if (defname === name && value && 'String' in value) return value.String.sval;
  }
  return undefined;
}

/** SQL inside the block: `text` a statement or an expression, `dynamic` an expression whose value is run. */
interface Embedded {
  readonly how: 'text' | 'dynamic';
  readonly sql: string;
}

function embedded(tree: unknown): Embedded[] {
  if (Array.isArray(tree)) return tree.flatMap(embedded);
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]): Embedded[] => {
    if (key === 'PLpgSQL_expr') return [{ how: 'text', sql: asStatement(value as PlExpression) }];
    if (key === 'PLpgSQL_stmt_dynexecute' || key === 'PLpgSQL_stmt_dynfors') return dynamic(value);
    return embedded(value);
  });
}

function dynamic(value: unknown): Embedded[] {
  const { query, ...rest } = value as { query?: { PLpgSQL_expr?: PlExpression } };
  return [{ how: 'dynamic', sql: query?.PLpgSQL_expr?.query ?? '' }, ...embedded(rest)];
}

interface PlExpression {
  readonly query: string;
  /** 0: a statement; 2: an expression; 3 and more: an assignment. */
  readonly parseMode?: number;
}

function asStatement({ query, parseMode = 0 }: PlExpression): string {
  if (parseMode === 0) return query;
  return `select ${parseMode >= 3 ? query.slice(query.search(/:?=/)).replace(/^:?=/, '') : query}`;
}

function addStatement({ how, sql }: Embedded, statements: Node[], opaque: Set<string>): void {
  const text = how === 'text' ? sql : constantOf(sql);
  if (text === undefined) {
    opaque.add(`EXECUTE ${excerptOf(sql)}`);
    return;
  }
  for (const statement of parsed(text) ?? []) statements.push(statement);
  if (parsed(text) === undefined) opaque.add(excerptOf(text));
}

/** `EXECUTE 'drop table x'` is as good as the statement itself. */
function constantOf(expression: string): string | undefined {
  const [select] = parsed(`select ${expression}`) ?? [];
  const [target] = select && 'SelectStmt' in select ? (select.SelectStmt.targetList ?? []) : [];
  const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined;
  return value && 'A_Const' in value ? value.A_Const.sval?.sval : undefined;
}

function parsed(sql: string): Node[] | undefined {
  try {
    return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => (stmt ? [stmt] : []));
  } catch {
    return undefined;
  }
}

function excerptOf(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
