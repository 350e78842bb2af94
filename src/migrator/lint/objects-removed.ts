/** What a statement removes. */
import type { DropStmt, Node } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';
import { nameOf, type ObjectName, objectNames } from '../statement-kinds.ts';
import { nameFromParts, nameParts } from './names.ts';
import type { ObjectKind, Removed, SchemaObject } from './schema-objects.ts';

const KINDS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_SCHEMA: 'SCHEMA',
  OBJECT_TABLE: 'TABLE',
  OBJECT_VIEW: 'VIEW',
  OBJECT_MATVIEW: 'MATERIALIZED VIEW',
  OBJECT_SEQUENCE: 'SEQUENCE',
  OBJECT_INDEX: 'INDEX',
};

const PART_KINDS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_TRIGGER: 'TRIGGER',
  OBJECT_POLICY: 'POLICY',
  OBJECT_RULE: 'RULE',
};

export function removedBy(statement: SqlStatement): readonly Removed[] {
  const { node } = statement;
  if ('DropStmt' in node) {
    const cascades = node.DropStmt.behavior === 'DROP_CASCADE' ? 'yes' : 'no';
    const missing = node.DropStmt.missing_ok ? 'passed over' : 'refused';
    return dropped(node.DropStmt).map((object) => ({ ...object, statement, cascades, missing }));
  }
  if (!('AlterTableStmt' in node)) return [];
  const table = nameOf(node.AlterTableStmt.relation);
  return (node.AlterTableStmt.cmds ?? []).flatMap((one): Removed[] => {
    if (!('AlterTableCmd' in one)) return [];
    const { subtype, name = '', behavior, missing_ok } = one.AlterTableCmd;
    const missing = missing_ok ? 'passed over' : 'refused';
    const cascades = behavior === 'DROP_CASCADE' ? 'yes' : 'no';
    const part = { name: { schema: null, name }, table, statement, cascades, missing } as const;
    if (subtype === 'AT_DropColumn') return [{ kind: 'COLUMN', ...part }];
    return subtype === 'AT_DropConstraint' ? [{ kind: 'CONSTRAINT', ...part }] : [];
  });
}

function dropped(drop: DropStmt): SchemaObject[] {
  const type: string = drop.removeType ?? '';
  const kind = KINDS[type];
  if (kind) return objectNames(drop).map((name) => ({ kind, name }));
  const objects = drop.objects ?? [];
  if (['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE'].includes(type)) {
    return objects.flatMap((one) =>
      'ObjectWithArgs' in one ? [named('FUNCTION', nameParts(one.ObjectWithArgs.objname))] : [],
    );
  }
  if (type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN') {
    return objects.flatMap((one) => ('TypeName' in one ? [named('TYPE', nameParts(one.TypeName.names))] : []));
  }
  const part = PART_KINDS[type];
  return part ? objects.flatMap((one) => partNamed(part, one)) : [];
}

function named(kind: ObjectKind, parts: readonly string[]): SchemaObject {
  return { kind, name: nameFromParts(parts) };
}

/** The last word is the part's name, those before it are its table's. */
function partNamed(kind: ObjectKind, node: Node): SchemaObject[] {
  const parts = 'List' in node ? nameParts(node.List.items) : [];
  const name: ObjectName = { schema: null, name: parts.at(-1) ?? '' };
  return parts.length > 1 ? [{ kind, name, table: nameFromParts(parts.slice(0, -1)) }] : [];
}
