/**
 * Which tables a query reads, locks row by row or, in a WITH, changes: found by walking the parse tree. What functions do that
 * it calls cannot be seen, and is told as opaque.
 */
import type { FuncCall, LockingClause, Node, SelectStmt, WithClause } from 'libpg-query';
import { type nameOf, nameParts } from './catalog-names.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';
import { tablesNamedIn } from './tables-named.ts';

/** Names that WITH gives: they are no tables. */
export type Scope = ReadonlySet<string>;

/** A statement that changes rows inside another's WITH, for whoever knows what it does. */
export interface Nested {
  readonly node: Node;
  readonly scope: Scope;
}

/** What goes along: names that are no tables, and what was found on the way. */
export interface Walk {
  readonly scope: Scope;
  readonly nested: Nested[];
}

export function newWalk(scope: Scope = new Set()): Walk {
  return { scope, nested: [] };
}

/** Everything below `tree`, which may be any part of a parse tree. */
export function walkQuery(tree: unknown, draft: EffectsDraft, walk: Walk): void {
  if (Array.isArray(tree)) {
    for (const one of tree) walkQuery(one, draft, walk);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) walkKey(key, value, draft, walk);
}

function walkKey(key: string, value: unknown, draft: EffectsDraft, walk: Walk): void {
  switch (key) {
    case 'RangeVar': {
      const relation = value as Parameters<typeof nameOf>[0];
      if (!relation?.schemaname && walk.scope.has(relation?.relname ?? '')) return;
      readTable(draft, draft.named(relation));
      return;
    }
    case 'SelectStmt':
    case 'larg':
    case 'rarg':
      walkSelect(value as SelectStmt, draft, walk);
      return;
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
      walk.nested.push({ node: { [key]: value } as unknown as Node, scope: walk.scope });
      return;
    case 'FuncCall':
      calls(value as FuncCall, draft);
      walkQuery(value, draft, walk);
      return;
    default:
      walkQuery(value, draft, walk);
  }
}

function walkSelect(select: SelectStmt, draft: EffectsDraft, walk: Walk): void {
  const { lockingClause, withClause, ...rest } = select;
  const inner = walkWith(withClause, draft, walk);
  walkQuery(rest, draft, inner);
  for (const clause of lockingClause ?? []) {
    if ('LockingClause' in clause) lockRows(clause.LockingClause, rest.fromClause ?? [], draft, inner);
  }
}

/** How what stands after the WITH is walked. */
export function walkWith(clause: WithClause | undefined, draft: EffectsDraft, walk: Walk): Walk {
  const queries = (clause?.ctes ?? []).flatMap((one) => ('CommonTableExpr' in one ? [one.CommonTableExpr] : []));
  const names = queries.map(({ ctename }) => ctename ?? '');
  const inner: Walk = { scope: new Set([...walk.scope, ...names]), nested: walk.nested };
  for (const { ctequery } of queries) walkQuery(ctequery, draft, inner);
  return inner;
}

/** FOR UPDATE and its like, on the tables of this FROM; on those named by alias where OF is given. */
function lockRows({ lockedRels }: LockingClause, from: readonly Node[], draft: EffectsDraft, { scope }: Walk): void {
  const only = new Set((lockedRels ?? []).flatMap((one) => ('RangeVar' in one ? [one.RangeVar.relname] : [])));
  for (const relation of tablesIn(from)) {
    const alias = relation.alias?.aliasname ?? relation.relname;
    const isQuery = !relation.schemaname && scope.has(relation.relname ?? '');
    if (isQuery || (only.size > 0 && !only.has(alias))) continue;
    const table = draft.named(relation);
    draft.lockTree(table, 'ROW SHARE');
    for (const below of baseTables(draft, table)) draft.lockTree(below, 'ROW SHARE');
  }
}

function tablesIn(from: readonly Node[]): Extract<Node, { RangeVar: unknown }>['RangeVar'][] {
  return from.flatMap((node) => {
    if ('RangeVar' in node) return [node.RangeVar];
    if (!('JoinExpr' in node)) return [];
    const { larg, rarg } = node.JoinExpr;
    return tablesIn([larg, rarg].flatMap((one) => one ?? []));
  });
}

/** Names in a query that is stored and not run: they are looked up, not through views and not in partitions. */
export function lookUp(tree: unknown, draft: EffectsDraft): void {
  for (const name of tablesNamedIn(tree)) {
    const table = draft.byName(name);
    if (!isSystem(table)) draft.lock(table, 'ACCESS SHARE');
  }
}

export function readTable(draft: EffectsDraft, table: NamedTable): void {
  if (isSystem(table)) return;
  draft.lockTree(table, 'ACCESS SHARE');
  for (const below of baseTables(draft, table)) draft.lockTree(below, 'ACCESS SHARE');
}

/** What the query of a view names, and what the views among that name. A materialized view is read as it is. */
export function baseTables(draft: EffectsDraft, table: NamedTable): NamedTable[] {
  if (table.catalog?.kind !== 'view') return [];
  return table.catalog.reads.flatMap((name) => {
    const below = draft.known(name);
    return [below, ...baseTables(draft, below)];
  });
}

function isSystem({ name }: NamedTable): boolean {
  return /^(pg_catalog\.|information_schema\.|pg_[a-z_]+$)/.test(name);
}

/** Whether a function of a user is called, and may do what it likes. */
function calls({ funcname }: FuncCall, draft: EffectsDraft): void {
  const parts = nameParts(funcname);
  const name = parts.join('.');
  if (parts[0] === 'pg_catalog') return;
  const known = draft.view.state.functions.get(name);
  const mayWrite = known ? known.madeBy === 'user' && known.volatility !== 'immutable' : parts.length > 1;
  if (mayWrite) draft.opaque(`what ${name}() does`);
}
