/**
 * What is known so far of one statement's effects while its handler looks at it. It knows which tables are the plan's own, so
 * that handlers need not: those take no locks that anybody could meet.
 */
import type { RangeVar } from 'libpg-query';
import {
  compareLockModes,
  type LockMode,
  type RowWork,
  type StatementEffects,
  type TableLock,
  type Undoable,
} from '../../model/statement-effects.ts';
import type { ObjectName } from '../statement-kinds.ts';
import { nameOf, writtenName } from './catalog-names.ts';
import type { CatalogTable, CatalogView } from './catalog-view.ts';

/** A table that a statement names; `catalog` undefined where nothing is known of it. */
export interface NamedTable {
  readonly name: string;
  readonly catalog: CatalogTable | undefined;
  /** Made by the plan, or temporary: nobody else can see it. */
  readonly own: boolean;
}

export const WORK_ORDER: readonly RowWork[] = ['none', 'scan', 'index build', 'rewrite', 'data', 'unknown'];
const UNDO_ORDER: readonly Undoable[] = ['yes', 'loses data', 'no'];

export class EffectsDraft {
  readonly view: CatalogView;
  private readonly locks = new Map<string, TableLock>();
  private readonly works = new Map<string, RowWork>();
  private readonly unread = new Set<string>();
  private readonly said: string[] = [];
  private undoing: Undoable = 'yes';

  constructor(view: CatalogView) {
    this.view = view;
  }

  named(relation: RangeVar | ObjectName | undefined): NamedTable {
    const temporary = relation !== undefined && 'relpersistence' in relation && relation.relpersistence === 't';
    const name = relation && 'name' in relation ? relation : nameOf(relation);
    return { ...this.byName(name), ...(temporary ? { own: true } : {}) };
  }

  byName(name: ObjectName): NamedTable {
    const catalog = this.view.table(name);
    return { name: catalog?.name ?? writtenName(name), catalog, own: catalog?.origin === 'plan' };
  }

  /** By a qualified name that a view gave. */
  known(qualified: string): NamedTable {
    const catalog = this.view.state.tables.get(qualified);
    return { name: qualified, catalog, own: catalog?.origin === 'plan' };
  }

  lock(table: NamedTable, mode: LockMode, because: TableLock['because'] = 'named'): void {
    if (table.own) return;
    const before = this.locks.get(table.name);
    if (before && compareLockModes(before.mode, mode) >= 0) return;
    this.locks.set(table.name, { table: table.name, mode, because: before?.because === 'named' ? 'named' : because });
  }

  /** The table and its partitions or inheriting children. */
  lockTree(table: NamedTable, mode: LockMode, because: TableLock['because'] = 'named'): void {
    this.lock(table, mode, because);
    for (const one of this.partitionsOf(table)) this.lock(one, mode, 'partition');
  }

  work(table: NamedTable, work: RowWork): void {
    const before = this.works.get(table.name) ?? 'none';
    if (table.own || WORK_ORDER.indexOf(work) <= WORK_ORDER.indexOf(before)) return;
    this.works.set(table.name, work);
  }

  /** Where the rows are: a partitioned table has none of its own. */
  workTree(table: NamedTable, work: RowWork): void {
    if (table.catalog?.kind !== 'partitioned table' || table.catalog.partitions.length === 0) this.work(table, work);
    for (const one of this.partitionsOf(table)) if (one.catalog?.kind !== 'partitioned table') this.work(one, work);
  }

  partitionsOf(table: NamedTable): NamedTable[] {
    return (table.catalog?.partitions ?? []).map((name) => this.known(name));
  }

  undo(undoable: Undoable): void {
    if (UNDO_ORDER.indexOf(undoable) > UNDO_ORDER.indexOf(this.undoing)) this.undoing = undoable;
  }

  opaque(what: string): void {
    this.unread.add(what);
  }

  say(words: string): void {
    this.said.push(words);
  }

  /** Takes over what a statement inside this one does, but not its words. */
  include(inner: EffectsDraft): void {
    for (const lock of inner.locks.values())
      this.lock({ name: lock.table, catalog: undefined, own: false }, lock.mode, lock.because);
    for (const [name, work] of inner.works) this.work({ name, catalog: undefined, own: false }, work);
    for (const what of inner.unread) this.opaque(what);
    this.undo(inner.undoing);
  }

  words(): string {
    return this.said.join(', ');
  }

  finish(): Omit<StatementEffects, 'line' | 'kind' | 'transaction'> {
    const locks = [...this.locks.values()].sort((a, b) => compareLockModes(b.mode, a.mode));
    const work = [...this.works].map(([table, kind]) => ({ table, work: kind }));
    return { summary: this.words(), locks, work, undoable: this.undoing, opaque: [...this.unread] };
  }
}
