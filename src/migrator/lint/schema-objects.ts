/** Objects that statements make and remove, as far as names tell: enough to hold a file against its mirror. */
import type { SqlStatement } from '../sql-statement.ts';
import type { ObjectName } from '../statement-kinds.ts';
import { quoteName, writtenName } from './names.ts';

export type ObjectKind =
  | 'SCHEMA'
  | 'TABLE'
  | 'VIEW'
  | 'MATERIALIZED VIEW'
  | 'SEQUENCE'
  | 'TYPE'
  | 'FUNCTION'
  | 'INDEX'
  | 'COLUMN'
  | 'CONSTRAINT'
  | 'TRIGGER'
  | 'POLICY'
  | 'RULE';

export interface SchemaObject {
  readonly kind: ObjectKind;
  readonly name: ObjectName;
  /** The table that it is a part of, and with which it goes. */
  readonly table?: ObjectName | undefined;
  /** Of an index or a constraint: with one of them it goes too. */
  readonly columns?: readonly string[];
}

export interface Made extends SchemaObject {
  readonly statement: SqlStatement;
  /** `if needed`: OR REPLACE or IF NOT EXISTS; it may have been there. */
  readonly made: 'surely' | 'if needed';
}

export interface Removed extends SchemaObject {
  readonly statement: SqlStatement;
  /** With what hangs on it. */
  readonly cascades: 'yes' | 'no';
  /** What happens where it is not there: IF EXISTS. */
  readonly missing: 'passed over' | 'refused';
}

/** `table app.parents`, `column app.parents.name`, `trigger touch on app.parents`. */
export function objectWords({ kind, name, table }: SchemaObject): string {
  const word = kind.toLowerCase();
  if (!table || kind === 'INDEX') return `${word} ${writtenName(name)}`;
  if (kind === 'COLUMN') return `column ${writtenName(table)}.${quoteName(name.name)}`;
  return `${word} ${quoteName(name.name)} on ${writtenName(table)}`;
}

/** For sets of objects: like the words, but the same for what is found in the same place. */
export function objectKey(object: SchemaObject): string {
  return objectWords(object).toLowerCase();
}

/** A name without a schema may be that of any. */
export function sameName(a: ObjectName | undefined, b: ObjectName | undefined): boolean {
  if (!a || !b) return a === b;
  return a.name === b.name && (a.schema === null || b.schema === null || a.schema === b.schema);
}

export function sameObject(a: SchemaObject, b: SchemaObject): boolean {
  if (family(a.kind) !== family(b.kind) || !sameName(a.name, b.name)) return false;
  const isPart = a.table !== undefined && b.table !== undefined && a.kind !== 'INDEX' && b.kind !== 'INDEX';
  return !isPart || sameName(a.table, b.table);
}

/** A unique constraint and its index are one thing under one name. */
function family(kind: ObjectKind): string {
  if (kind === 'INDEX' || kind === 'CONSTRAINT') return 'index or constraint';
  return kind === 'MATERIALIZED VIEW' ? 'VIEW' : kind;
}

/** How one object is dropped. */
export function dropText({ kind, name, table }: SchemaObject): string {
  const on = table ? writtenName(table) : '';
  switch (kind) {
    case 'COLUMN':
    case 'CONSTRAINT':
      return `ALTER TABLE ${on} DROP ${kind} ${quoteName(name.name)}`;
    case 'TRIGGER':
    case 'POLICY':
    case 'RULE':
      return `DROP ${kind} ${quoteName(name.name)} ON ${on}`;
    default:
      return `DROP ${kind} ${writtenName(name)}`;
  }
}
