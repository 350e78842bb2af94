/** What statements may touch, read from their parse trees: the names that the target is asked about, and no others. */
import type { Node, RangeVar } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';
import type { ObjectName } from '../statement-kinds.ts';
import { nameFromParts, nameOf, nameParts, partsOfNode } from './catalog-names.ts';

export interface AskedNames {
  /** Tables, views and indexes. */
  readonly relations: readonly ObjectName[];
  /** By the name alone. */
  readonly functions: readonly string[];
  readonly types: readonly ObjectName[];
  /** Whose every table may be touched. */
  readonly schemas: readonly string[];
  /** Schemas that a SET search_path names. */
  readonly searched: readonly string[];
  /** `cascade`: what refers to a table is followed on and on, as TRUNCATE and DELETE do. */
  readonly reach: 'neighbours' | 'cascade';
}

interface Found {
  readonly relations: Map<string, ObjectName>;
  readonly functions: Set<string>;
  readonly types: Map<string, ObjectName>;
  readonly schemas: Set<string>;
  readonly searched: Set<string>;
  reach: AskedNames['reach'];
}

export function askedNames(statements: Iterable<Pick<SqlStatement, 'node' | 'body'>>): AskedNames {
  const found: Found = {
    relations: new Map(),
    functions: new Set(),
    types: new Map(),
    schemas: new Set(),
    searched: new Set(),
    reach: 'neighbours',
  };
  for (const { node, body } of statements) for (const one of body?.statements ?? [node]) collect(one, found);
  return {
    relations: [...found.relations.values()],
    functions: [...found.functions],
    types: [...found.types.values()],
    schemas: [...found.schemas],
    searched: [...found.searched],
    reach: found.reach,
  };
}

function collect(tree: unknown, found: Found): void {
  if (Array.isArray(tree)) {
    for (const one of tree) collect(one, found);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  if ('relname' in tree) addRelation(nameOf(tree as RangeVar), found);
  for (const [key, value] of Object.entries(tree)) {
    collectKey(key, value, found);
    collect(value, found);
  }
}

function addRelation(name: ObjectName, found: Found): void {
  found.relations.set(JSON.stringify([name.schema, name.name]), name);
}

function collectKey(key: string, value: unknown, found: Found): void {
  switch (key) {
    case 'FuncCall':
      found.functions.add(nameParts((value as { funcname?: Node[] }).funcname).at(-1) ?? '');
      return;
    case 'typeName':
    case 'TypeName': {
      const names = Array.isArray(value) ? (value as Node[]) : (value as { names?: Node[] }).names;
      const type = nameFromParts(nameParts(names));
      if (type.schema !== 'pg_catalog' && type.name) found.types.set(JSON.stringify(type), type);
      return;
    }
    case 'DropStmt':
    case 'CommentStmt':
    case 'AlterSeqStmt':
    case 'ReindexStmt':
      collectNamed(value as Record<string, unknown>, found);
      return;
    case 'TruncateStmt':
    case 'DeleteStmt':
    case 'UpdateStmt':
    case 'MergeStmt':
      found.reach = 'cascade';
      return;
    case 'VariableSetStmt':
      collectPath(value, found);
      return;
    default:
  }
}

/** Names that are lists of strings: of a table or index, or of something on a table, whose name comes last. */
function collectNamed(statement: Record<string, unknown>, found: Found): void {
  const { removeType, objects, object, options, kind, name } = statement as {
    removeType?: string;
    objects?: Node[];
    object?: Node;
    options?: Node[];
    kind?: string;
    name?: string;
  };
  if (kind === 'REINDEX_OBJECT_SCHEMA' && name) found.schemas.add(name);
  const owners = (options ?? []).flatMap((one) => ('DefElem' in one && one.DefElem.arg ? [one.DefElem.arg] : []));
  for (const one of [...(objects ?? []), ...(object ? [object] : []), ...owners]) {
    const parts = partsOfNode(one);
    if (removeType === 'OBJECT_SCHEMA') found.schemas.add(parts.at(-1) ?? '');
    if (parts.length > 0) addRelation(nameFromParts(parts), found);
    if (parts.length > 1) addRelation(nameFromParts(parts.slice(0, -1)), found);
  }
}

function collectPath(tree: unknown, found: Found): void {
  const { name, args } = tree as { name?: string; args?: Node[] };
  if (name !== 'search_path') return;
  for (const one of args ?? []) if ('A_Const' in one) found.searched.add(one.A_Const.sval?.sval ?? '');
}
