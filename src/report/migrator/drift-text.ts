/** Differences between two catalogs for a terminal: a line each, table by table, with what differs in a definition below it. */
import { assertNever } from '../../model/assert-never.ts';
import type { ObjectDifference, UnknownDrift } from '../../model/drift.ts';
import { type Palette, PLAIN } from '../palette.ts';
import { oneLine, printable } from '../printable.ts';
import { countOfKind } from './kind-words.ts';
import { lineDiff, wordDiff } from './line-diff.ts';

/** What the two sides are; the words of every line follow from it. */
export type Sides =
  /** What the applied files make, and the database. */
  | { readonly kind: 'files-and-database' }
  /** As the last run left it, and now. */
  | { readonly kind: 'last-run-and-now' }
  | { readonly kind: 'two'; readonly before: string; readonly now: string };

/** More lines of one definition than this are cut. */
const MOST_LINES = 40;

/** What belongs to a table that is itself missing or added is counted with it, not listed. */
export function differenceLines(
  differences: readonly ObjectDifference[],
  sides: Sides,
  palette: Palette = PLAIN,
): readonly string[] {
  const whole = new Map(differences.filter(isWholeTable).map((one) => [one.id, one.change]));
  const listed = differences.filter(
    (one) => isWholeTable(one) || one.table === null || whole.get(one.table) !== one.change,
  );
  return listed.flatMap((one) => {
    const inside = isWholeTable(one) ? differences.filter((other) => other !== one && other.table === one.id) : [];
    return [`${subject(one)} ${verdict(one, sides, palette)}${contents(inside)}`, ...details(one, sides, palette)];
  });
}

/** `3 objects differ: 1 missing, 2 changed`. */
export function differenceCount(differences: readonly ObjectDifference[]): string {
  const of = (change: ObjectDifference['change']) => differences.filter((one) => one.change === change).length;
  const counts = (['missing', 'added', 'changed'] as const)
    .map((change) => [of(change), change] as const)
    .filter(([count]) => count > 0)
    .map(([count, change]) => `${count} ${change}`);
  return `${differences.length} ${differences.length === 1 ? 'object differs' : 'objects differ'}: ${counts.join(', ')}`;
}

/** Why nothing can be said of what was changed by hand. */
export function unknownDriftText(why: UnknownDrift): string {
  switch (why) {
    case 'no-ledger':
      return 'nothing is applied, so there is nothing to compare the schema with';
    case 'never-kept':
      return 'the last run kept no picture of the schema; the next one does';
    case 'cut-off':
      return 'a run was cut off, or is at work, so changes by hand cannot be told from its own';
    case 'other-version':
      return 'another version of Drydock kept the picture of the schema; `diff` compares it with the files';
    case 'other-server':
      return 'the server is another major than at the last run, which alone may change its texts; `diff` compares it with the files';
    default:
      return assertNever(why);
  }
}

function isWholeTable({ kind, change }: ObjectDifference): boolean {
  return change !== 'changed' && ['table', 'foreign table', 'view', 'materialized view'].includes(kind);
}

/** `communication.messages: column edited_at`, or `function communication.touch()` where it has no table. */
function subject({ table, kind, id }: ObjectDifference): string {
  if (table === null || id === table) return oneLine(`${kind} ${id}`);
  return oneLine(`${table}: ${kind} ${id.startsWith(`${table}.`) ? id.slice(table.length + 1) : id}`);
}

function verdict({ change }: ObjectDifference, sides: Sides, palette: Palette): string {
  switch (change) {
    case 'missing':
      return palette.red(
        sides.kind === 'files-and-database'
          ? 'is missing'
          : sides.kind === 'two'
            ? `is only in ${sides.before}`
            : 'was dropped',
      );
    case 'added':
      return palette.green(
        sides.kind === 'files-and-database'
          ? 'is made by no migration'
          : sides.kind === 'two'
            ? `is only in ${sides.now}`
            : 'was added',
      );
    case 'changed':
      return palette.yellow(sides.kind === 'last-run-and-now' ? 'was changed' : 'differs');
    default:
      return assertNever(change);
  }
}

function contents(inside: readonly ObjectDifference[]): string {
  if (inside.length === 0) return '';
  const kinds = [...new Set(inside.map(({ kind }) => kind))];
  const counts = kinds.map((kind) => countOfKind(inside.filter((one) => one.kind === kind).length, kind));
  return `, with ${counts.join(', ')}`;
}

function details({ before, now }: ObjectDifference, sides: Sides, palette: Palette): readonly string[] {
  if (before === null || now === null) return [];
  if (before.includes('\n') || now.includes('\n')) {
    const lines = lineDiff(printable(before), printable(now));
    const rest = lines.length > MOST_LINES ? [`… ${lines.length - MOST_LINES} lines more`] : [];
    return [...lines.slice(0, MOST_LINES), ...rest].map((line) => `  ${coloured(line, palette)}`);
  }
  const [left, right] = labelsOf(sides);
  const width = Math.max(left.length, right.length) + 1;
  const [old, current] = wordDiff(oneLine(before), oneLine(now));
  return [`  ${`${left}:`.padEnd(width)} ${old}`, `  ${`${right}:`.padEnd(width)} ${current}`];
}

function labelsOf(sides: Sides): readonly [string, string] {
  switch (sides.kind) {
    case 'files-and-database':
      return ['files', 'database'];
    case 'last-run-and-now':
      return ['before', 'now'];
    case 'two':
      return [sides.before, sides.now];
    default:
      return assertNever(sides);
  }
}

function coloured(line: string, palette: Palette): string {
  if (line.startsWith('-')) return palette.red(line);
  return line.startsWith('+') ? palette.green(line) : line;
}
