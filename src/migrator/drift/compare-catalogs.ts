/**
 * What two catalogs do not have in common, object by object. It knows no database; what the objects are is in
 * `fingerprint-sql.ts`.
 */
import type { ObjectDifference } from '../../model/drift.ts';
import type { CatalogObject } from '../fingerprint.ts';
import { tableOfObject } from './table-of-object.ts';

/** An object that is not the same on both sides; null where it is not there. */
export interface UnequalObject {
  readonly kind: string;
  readonly id: string;
  readonly before: string | null;
  readonly now: string | null;
}

/** Sorted by table, then kind and name; objects of no table come last. `before` is the side of reference. */
export function compareCatalogs(
  before: readonly CatalogObject[],
  now: readonly CatalogObject[],
): readonly ObjectDifference[] {
  const old = new Map(before.map((object) => [keyOf(object), object]));
  const current = new Map(now.map((object) => [keyOf(object), object]));
  const keys = [...new Set([...old.keys(), ...current.keys()])];
  const unequal = keys.map((key): UnequalObject => {
    const { kind, id } = (old.get(key) ?? current.get(key))!;
    return { kind, id, before: old.get(key)?.definition ?? null, now: current.get(key)?.definition ?? null };
  });
  return differencesOf(unequal.filter((one) => one.before !== one.now));
}

/** For objects that are known to be unequal. Columns that only moved up because of another column are left out. */
export function differencesOf(unequal: readonly UnequalObject[]): readonly ObjectDifference[] {
  const differences = unequal.map(
    (one): ObjectDifference => ({
      change: one.before === null ? 'added' : one.now === null ? 'missing' : 'changed',
      ...one,
      table: tableOfObject(one.kind, one.id, one.now ?? one.before ?? ''),
    }),
  );
  return withoutMovedColumns(differences).sort(byTable);
}

/** `number 7 text not null`: which rank it has, and the rest. */
const RANK = /^number (\d+) /;

/** A column that comes or goes shifts all behind it, which is no difference of theirs as long as their order is the same. */
function withoutMovedColumns(differences: readonly ObjectDifference[]): ObjectDifference[] {
  const moved = differences.filter(isOnlyMoved);
  const shuffled = new Set(
    [...new Set(moved.map(({ table }) => table))].filter((table) =>
      isShuffled(moved.filter((one) => one.table === table)),
    ),
  );
  return differences
    .filter((one) => !isOnlyMoved(one) || shuffled.has(one.table))
    .map((one) =>
      one.kind === 'column' && one.change === 'changed' && !shuffled.has(one.table) ? unranked(one) : one,
    );
}

function isOnlyMoved(one: ObjectDifference): boolean {
  if (one.kind !== 'column' || one.change !== 'changed') return false;
  return one.before!.replace(RANK, '') === one.now!.replace(RANK, '');
}

function isShuffled(columns: readonly ObjectDifference[]): boolean {
  const rank = (text: string) => Number(RANK.exec(text)?.[1] ?? 0);
  const inOrder = [...columns].sort((a, b) => rank(a.before!) - rank(b.before!)).map((one) => rank(one.now!));
  return inOrder.some((place, index) => index > 0 && place < inOrder[index - 1]!);
}

function unranked(one: ObjectDifference): ObjectDifference {
  return { ...one, before: one.before!.replace(RANK, ''), now: one.now!.replace(RANK, '') };
}

function byTable(a: ObjectDifference, b: ObjectDifference): number {
  return compare(placeOf(a), placeOf(b));
}

/** The table itself comes before what belongs to it; U+FFFF puts what has no table behind. */
function placeOf({ table, kind, id }: ObjectDifference): string {
  return `${table ?? '\uffff'}\u0000${id === table ? '' : kind}\u0000${id}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function keyOf({ kind, id }: CatalogObject): string {
  return `${kind} ${id}`;
}
