/** Objects under the names they have behind a RENAME. */
import type { Node, RenameStmt } from 'libpg-query';
import { nameFromNode } from '../effects/catalog-names.ts';
import { nameOf, type ObjectName } from '../statement-kinds.ts';
import { type ObjectKind, type SchemaObject, sameName, sameObject } from './schema-objects.ts';

const KINDS: Readonly<Record<string, ObjectKind>> = {
  OBJECT_TABLE: 'TABLE',
  OBJECT_VIEW: 'VIEW',
  OBJECT_MATVIEW: 'VIEW',
  OBJECT_INDEX: 'INDEX',
  OBJECT_SEQUENCE: 'SEQUENCE',
  OBJECT_TYPE: 'TYPE',
  OBJECT_DOMAIN: 'TYPE',
  OBJECT_FUNCTION: 'FUNCTION',
  OBJECT_PROCEDURE: 'FUNCTION',
  OBJECT_COLUMN: 'COLUMN',
  OBJECT_TABCONSTRAINT: 'CONSTRAINT',
  OBJECT_TRIGGER: 'TRIGGER',
  OBJECT_POLICY: 'POLICY',
};
const PARTS: readonly ObjectKind[] = ['COLUMN', 'CONSTRAINT', 'TRIGGER', 'POLICY'];

/** The object that a statement renames, and its new name; undefined for all other statements. */
export function renameOf(node: Node): { readonly from: SchemaObject; readonly to: string } | undefined {
  if (!('RenameStmt' in node)) return undefined;
  const { renameType = '', newname: to = '' } = node.RenameStmt;
  const kind = KINDS[renameType];
  return kind && { from: { kind, ...placeOf(kind, node.RenameStmt) }, to };
}

export function renamed<One extends SchemaObject>(objects: readonly One[], node: Node): readonly One[] {
  const rename = renameOf(node);
  if (!rename) return objects;
  const { from, to } = rename;
  return objects.map((one) => {
    if (sameObject(from, one)) return { ...one, name: { ...one.name, name: to } };
    const isPart = from.kind === 'TABLE' && one.table !== undefined && sameName(one.table, from.name);
    return isPart ? { ...one, table: { ...one.table, name: to } } : one;
  });
}

function placeOf(
  kind: ObjectKind,
  { relation, object, subname = '' }: RenameStmt,
): Pick<SchemaObject, 'name' | 'table'> {
  if (PARTS.includes(kind)) return { name: { schema: null, name: subname }, table: nameOf(relation) };
  const name: ObjectName = relation ? nameOf(relation) : nameFromNode(object);
  return { name };
}
