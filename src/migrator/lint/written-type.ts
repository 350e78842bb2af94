/** A type taken apart, from a parse node or from what format_type prints, so that `int8` and `bigint` are one. */
import type { TypeName } from 'libpg-query';
import { typeText } from '../effects/type-names.ts';

export interface WrittenType {
  /** `bigint`, `character varying`; for a type of one's own its name as written. */
  readonly name: string;
  /** `[10, 2]` of numeric(10,2). */
  readonly modifiers: readonly number[];
  readonly isArray: boolean;
}

/** Many rules ask for the same one. */
const known = new WeakMap<TypeName, WrittenType>();

export function writtenType(type: TypeName | undefined): WrittenType {
  const read = (type && known.get(type)) ?? parseType(typeText(type));
  if (type) known.set(type, read);
  return read;
}

/** Reads what format_type prints: `character varying(20)`. */
export function parseType(printed: string): WrittenType {
  const isArray = printed.endsWith('[]');
  const text = printed.replace(/(\[\])+$/, '');
  const numbers = /\(([\d, -]+)\)/.exec(text);
  const name = text.replace(/\s*\([\d, -]+\)/, '').trim();
  return { name, modifiers: numbers ? numbers[1]!.split(',').map(Number) : [], isArray };
}
