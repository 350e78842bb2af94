/** How names are written and compared: qualified, and quoted only where PostgreSQL needs it. */
import type { Node, RangeVar } from 'libpg-query';
import { nameOf, type ObjectName } from '../statement-kinds.ts';

/** Words that cannot stand at the beginning of a name without quotes. */
const RESERVED = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full
  grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
  localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right
  select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using
  variadic verbose when where window with`.split(/\s+/),
);

export function quoteName(name: string): string {
  const plain = /^[a-z_][a-z0-9_$]*$/.test(name) && !RESERVED.has(name);
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `communication.messages`; without a schema the name alone. */
export function writtenName({ schema, name }: ObjectName): string {
  return schema === null ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`;
}

/** The parts of a dotted name: of a type, a function, or what COMMENT and DROP name. */
export function nameParts(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

export function nameFromParts(parts: readonly string[]): ObjectName {
  return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' };
}

/** Of a node that is a list of strings, a type name or one string. */
export function nameFromNode(node: Node | undefined): ObjectName {
  return nameFromParts(partsOfNode(node));
}

export function partsOfNode(node: Node | undefined): string[] {
  if (!node) return [];
  if ('List' in node) return nameParts(node.List.items);
  if ('String' in node) return [node.String.sval ?? ''];
  if ('TypeName' in node) return nameParts(node.TypeName.names);
  if ('ObjectWithArgs' in node) return nameParts(node.ObjectWithArgs.objname);
  return [];
}

/** A table among the items of a list, where it is one. */
export function rangeVars(nodes: readonly Node[] | undefined): RangeVar[] {
  return (nodes ?? []).flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
}

/** False for `ONLY name`. */
export function includesChildren(relation: RangeVar | undefined): boolean {
  return relation?.inh ?? false;
}

/** The schema and name of a qualified name that `writtenName` has written. */
export function splitName(written: string): ObjectName {
  const parts = [...written.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map(
    ([, quoted, plain]) => plain ?? (quoted ?? '').replaceAll('""', '"'),
  );
  return nameFromParts(parts);
}

export { nameOf };
