/**
 * Whether the SQL of a validation can be run in one transaction that is always rolled back: exactly one statement each, of a
 * kind that cannot end that transaction. PostgreSQL's own parser decides, not a pattern.
 */
import { hasSqlDetails, parse } from 'libpg-query';
import { memberOf, valueAt } from './schema-place.ts';
import type { DataPath, FileProblem, YamlDocument } from './yaml-document.ts';

const READS = ['SelectStmt', 'VariableShowStmt'];
const WRITES = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'DoStmt', 'CallStmt', 'VariableSetStmt'];
const EXPLAINABLE = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'];

/** Problems of every statement of every validation. */
export async function checkStatementSql(document: YamlDocument): Promise<readonly FileProblem[]> {
  const items = valueAt(document.value, ['validation']);
  if (!Array.isArray(items)) return [];
  const problems: FileProblem[] = [];
  for (const [index, item] of items.entries()) {
    const statements = memberOf(item, 'statements');
    const mayWrite = memberOf(item, 'writes') === true;
    for (const [position, statement] of (Array.isArray(statements) ? statements : []).entries()) {
      const path = ['validation', index, 'statements', position];
      problems.push(
        ...(await checkOne(document, [...path, 'sql'], memberOf(statement, 'sql'), acceptedKinds(mayWrite))),
      );
      problems.push(...(await checkOne(document, [...path, 'explain'], memberOf(statement, 'explain'), EXPLAINABLE)));
    }
  }
  return problems;
}

function acceptedKinds(mayWrite: boolean): readonly string[] {
  return mayWrite ? [...READS, ...WRITES] : READS;
}

async function checkOne(
  document: YamlDocument,
  place: DataPath,
  sql: unknown,
  accepted: readonly string[],
): Promise<readonly FileProblem[]> {
  if (typeof sql !== 'string' || sql === '') return [];
  const fault = await sqlFault(sql, accepted);
  return fault === undefined ? [] : [document.at(place, `${String(place.at(-1))}: ${fault}`)];
}

async function sqlFault(sql: string, accepted: readonly string[]): Promise<string | undefined> {
  // The parser stops at a NUL and would not see what follows.
  if (sql.includes('\0')) return 'holds a NUL character';
  try {
    const statements = (await parse(sql)).stmts ?? [];
    if (statements.length !== 1) return `expected one statement, found ${statements.length}`;
    const kind = Object.keys(statements[0]?.stmt ?? {})[0] ?? 'nothing';
    return accepted.includes(kind) ? undefined : refusal(kind, accepted);
  } catch (error) {
    return parseFault(error);
  }
}

function refusal(kind: string, accepted: readonly string[]): string {
  if (WRITES.includes(kind) && !accepted.includes('InsertStmt')) {
    return 'this statement writes: set "writes: true" (it is rolled back either way)';
  }
  return `a ${spoken(kind)} cannot be part of a validation; accepted: ${accepted.map(spoken).join(', ')}`;
}

const SPOKEN: Readonly<Record<string, string>> = { VariableShowStmt: 'SHOW', VariableSetStmt: 'SET' };

function spoken(kind: string): string {
  const word = kind
    .replace(/Stmt$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
  return SPOKEN[kind] ?? `${word}${kind === 'TransactionStmt' ? ' statement' : ''}`;
}

function parseFault(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return hasSqlDetails(error) ? `PostgreSQL does not understand it: ${text}` : text;
}
