/**
 * Whether a change of a column's type rewrites the rows: not where the old values are valid values of the new type as they lie
 * on disk. Types are compared as format_type prints them.
 */
import type { Node } from 'libpg-query';
import { nameFromParts, partsOfNode } from './catalog-names.ts';
import type { CatalogView } from './catalog-view.ts';
import { typeText } from './type-names.ts';

export interface TypeChange {
  readonly rows: 'kept' | 'rewrite';
  /** `built`: an index on the column does not fit the new type. */
  readonly indexes: 'kept' | 'built';
  /** `may change`: a value may be rounded, cut or computed, and changing the type back does not bring it back. */
  readonly values: 'same' | 'may change';
}

interface Asked {
  /** Undefined where the column is not known: then the stronger answer is given. */
  readonly from: string | undefined;
  readonly to: string;
  readonly column: string;
  readonly using: Node | undefined;
  readonly view: CatalogView;
}

const KEPT: TypeChange = { rows: 'kept', indexes: 'kept', values: 'same' };
const REINDEXED: TypeChange = { rows: 'kept', indexes: 'built', values: 'same' };
const REWRITE: TypeChange = { rows: 'rewrite', indexes: 'built', values: 'may change' };
const WIDENED: TypeChange = { ...REWRITE, values: 'same' };

export function typeChange({ from, to, column, using, view }: Asked): TypeChange {
  if (from === undefined || (using && !isPlainCast(using, column, to))) return REWRITE;
  const domain = view.type(nameOfType(to));
  if (domain?.constrained) return REWRITE;
  return compare(baseOf(from, view), domain?.baseType ?? to);
}

/** A domain without constraints is its base type. */
function baseOf(type: string, view: CatalogView): string {
  const known = view.type(nameOfType(type));
  return known?.kind === 'domain' && known.baseType ? known.baseType : type;
}

function nameOfType(type: string) {
  return nameFromParts(type.split('.').map((part) => part.replace(/^"|"$/g, '')));
}

/** `USING column` or `USING column::type`, which say what happens without them. */
function isPlainCast(using: Node, column: string, to: string): boolean {
  if ('ColumnRef' in using) return partsOfNode({ List: { items: using.ColumnRef.fields ?? [] } }).at(-1) === column;
  if (!('TypeCast' in using) || !using.TypeCast.arg) return false;
  return typeText(using.TypeCast.typeName) === to && isPlainCast(using.TypeCast.arg, column, to);
}

interface Parsed {
  readonly base: string;
  readonly numbers: readonly number[];
}

function parsed(type: string): Parsed {
  const numbers = /\(([\d,-]+)\)/.exec(type)?.[1]?.split(',').map(Number) ?? [];
  return { base: type.replace(/\([\d,-]+\)/, ''), numbers };
}

/** Pairs that lie on disk alike, beside types of one name. `built`: their indexes order differently. */
const ALIKE: Readonly<Record<string, TypeChange>> = {
  'character varying>text': KEPT,
  'text>character varying': KEPT,
  'citext>text': REINDEXED,
  'text>citext': REINDEXED,
  'citext>character varying': REINDEXED,
  'character varying>citext': REINDEXED,
  'cidr>inet': KEPT,
  'xml>text': REINDEXED,
  'xml>character varying': REINDEXED,
  'bit>bit varying': REINDEXED,
  'integer>oid': REINDEXED,
  'oid>integer': REINDEXED,
};

/** Rewritten, and every value is still there. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'numeric', 'text'],
  integer: ['bigint', 'numeric', 'text'],
  bigint: ['numeric', 'text'],
  real: ['double precision'],
  date: ['timestamp without time zone', 'timestamp with time zone', 'text'],
  uuid: ['text'],
  boolean: ['text', 'integer'],
  json: ['text'],
  jsonb: ['text', 'json'],
};

function compare(from: string, to: string): TypeChange {
  if (from === to) return KEPT;
  const [a, b] = [parsed(from), parsed(to)];
  if (a.base === b.base) return holds(a, b) ? KEPT : REWRITE;
  const alike = ALIKE[`${a.base}>${b.base}`];
  // A length that is new has to be checked: only the same text type with a longer one is known to fit.
  if (WIDER[a.base]?.includes(b.base)) return WIDENED;
  if (alike && b.numbers.length > 0 && !(a.base === 'bit' && holds(a, b))) return REWRITE;
  return alike ?? REWRITE;
}

/** Whether every value of one length or precision is one of the other. */
function holds(from: Parsed, to: Parsed): boolean {
  const [limit, scale] = to.numbers;
  const [before, scaleBefore] = from.numbers;
  switch (from.base) {
    case 'character varying':
    case 'bit varying':
    case 'bit':
    case 'timestamp without time zone':
    case 'timestamp with time zone':
    case 'time without time zone':
    case 'time with time zone':
    case 'interval':
      if (from.base === 'bit') return false;
      return limit === undefined || (before !== undefined && before <= limit);
    case 'numeric':
      if (limit === undefined) return true;
      return before !== undefined && before <= limit && (scaleBefore ?? 0) === (scale ?? 0);
    default:
      return false;
  }
}
