/** What a statement does, in one line: what it is, whom it makes wait and for which tables, and what cannot be undone. */
import {
  blockedBy,
  compareLockModes,
  type StatementEffects,
  type TableLock,
  type TouchedTable,
} from '../model/statement-effects.ts';
import { tableSize } from '../model/table-size.ts';

/** True where nobody waits for it, no row is touched and all of it can be undone: many of these are told in one line. */
export function isHarmless({ locks, work, undoable, opaque, transaction }: StatementEffects): boolean {
  const blocks = locks.some(({ mode }) => compareLockModes(mode, 'SHARE') >= 0);
  return !blocks && work.length === 0 && undoable === 'yes' && opaque.length === 0 && transaction === 'yes';
}

/** `sizeOf` gives the size of a table where it is to be shown, and nothing where it was shown before. */
export function effectsLine(effects: StatementEffects, sizeOf: (table: string) => string): string {
  const { summary, undoable, opaque, transaction } = effects;
  const parts = [
    summary,
    ...lockWords(effects, sizeOf),
    ...workWords(effects),
    transaction === 'no' ? 'outside a transaction' : '',
    undoable === 'loses data' ? 'undoing does not bring the rows back' : '',
    undoable === 'no' ? 'cannot be undone' : '',
    opaque.length > 0 ? `not looked into: ${opaque.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** Gives a table's size the first time that it is asked for, in brackets behind its name. */
export function sizesOnce(touched: readonly TouchedTable[]): (table: string) => string {
  const sizes = new Map(touched.map((one) => [one.table, ` (${tableSize(one)})`]));
  return (table) => {
    const size = sizes.get(table) ?? '';
    sizes.delete(table);
    return size;
  };
}

type WithLocks = { readonly locks: readonly Pick<TableLock, 'table' | 'mode'>[] };

/** `ACCESS EXCLUSIVE on app.a (5 rows, 16 kB), app.b: reads and writes wait`, one per mode, the strongest first. */
export function lockWords({ locks }: WithLocks, sizeOf: (table: string) => string): string[] {
  const modes = [...new Set(locks.map(({ mode }) => mode))].filter((mode) => mode !== 'ACCESS SHARE');
  return modes.map((mode) => {
    const tables = locks.filter((lock) => lock.mode === mode).map(({ table }) => `${table}${sizeOf(table)}`);
    const waits = {
      nothing: '',
      'schema changes': '',
      writes: ': writes wait',
      'reads and writes': ': reads and writes wait',
    };
    return `${mode} on ${tables.join(', ')}${waits[blockedBy(mode)]}`;
  });
}

const WORK_WORDS = {
  none: '',
  scan: 'reads all of',
  'index build': 'builds an index from all rows of',
  rewrite: 'rewrites',
  data: 'changes rows of',
  unknown: 'may change',
} as const;

export function workWords({ work }: Pick<StatementEffects, 'work'>): string[] {
  const kinds = [...new Set(work.map((one) => one.work))].filter((kind) => kind !== 'none');
  return kinds.map((kind) => {
    const tables = work.filter((one) => one.work === kind).map(({ table }) => table);
    return `${WORK_WORDS[kind]} ${tables.join(', ')}`;
  });
}
