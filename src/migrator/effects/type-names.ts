/** Types as `format_type` prints them, from how a statement writes them, so that old and new can be compared. */
import type { Node, TypeName } from 'libpg-query';
import { nameParts, quoteName } from './catalog-names.ts';

/** The server's names of types, and those that it prints. */
const PRINTED: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  int: 'integer',
  smallserial: 'smallint',
  serial2: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  varchar: 'character varying',
  bpchar: 'character',
  varbit: 'bit varying',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
};

const SERIALS = ['smallserial', 'serial2', 'serial', 'serial4', 'bigserial', 'serial8'];

export function isSerial(type: TypeName | undefined): boolean {
  const parts = nameParts(type?.names);
  return parts.length === 1 && SERIALS.includes(parts[0]!);
}

/** `character varying(20)`, `timestamp(3) with time zone`, `app.mood[]`. */
export function typeText(type: TypeName | undefined): string {
  const parts = nameParts(type?.names).filter((part, index) => part !== 'pg_catalog' || index > 0);
  const base = parts.length === 1 ? (PRINTED[parts[0]!] ?? parts[0]!) : parts.map(quoteName).join('.');
  const numbers = (type?.typmods ?? []).flatMap(numberOf);
  // The parser gives an interval's fields as a mask, of which a full one says nothing.
  const shown = base === 'interval' ? numbers.slice(1) : base === 'character' && isUnlimited(type) ? [] : numbers;
  return withNumbers(base, shown) + '[]'.repeat(Math.min(type?.arrayBounds?.length ?? 0, 1));
}

function withNumbers(base: string, numbers: readonly number[]): string {
  if (numbers.length === 0) return base;
  const text = `(${numbers.join(',')})`;
  const zoned = /^(time|timestamp)( with.*)$/.exec(base);
  return zoned ? `${zoned[1]}${text}${zoned[2]}` : `${base}${text}`;
}

/** `bpchar` as written has no length; `char` has one of 1. */
function isUnlimited(type: TypeName | undefined): boolean {
  return (type?.typmods ?? []).length === 0;
}

function numberOf(node: Node): number[] {
  return 'A_Const' in node && node.A_Const.ival ? [node.A_Const.ival.ival ?? 0] : [];
}
