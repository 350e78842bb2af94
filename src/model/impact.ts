/**
 * What a plan's migrations do to tables that are there, added up for the person who approves it: the strongest lock, on which
 * tables, and which are read or written whole. No sizes: those change by the minute and are kept apart.
 */
import type { Plan } from './plan.ts';
import {
  blockedBy,
  compareLockModes,
  LOCK_MODES,
  type LockMode,
  type RowWork,
  type TableWork,
  type TouchedTable,
} from './statement-effects.ts';
import { tableSize } from './table-size.ts';

/** Of one migration; partitions are told as the table that they belong to. */
export interface MigrationImpact {
  /** The strongest per table, strongest first; what only reads is left out. */
  readonly locks: readonly { readonly table: string; readonly mode: LockMode }[];
  /** The most per table. */
  readonly work: readonly TableWork[];
}

/** More tables than this are counted, not named. */
const NAMED_TABLES = 4;

/** One to three sentences; none for a plan of a version that did not look. */
export function impactSentences(plan: Pick<Plan, 'steps' | 'touched'>): string[] {
  const impacts = plan.steps.flatMap((step) => ('impact' in step && step.impact ? [step.impact] : []));
  if (impacts.length === 0) return [];
  return [lockSentence(impacts, plan.touched ?? []), ...workSentences(impacts)];
}

function lockSentence(impacts: readonly MigrationImpact[], touched: readonly TouchedTable[]): string {
  const locks = impacts.flatMap((impact) => impact.locks).filter(({ mode }) => compareLockModes(mode, 'SHARE') >= 0);
  if (locks.length === 0) return 'Nobody who reads or writes tables that are there has to wait.';
  const strongest = LOCK_MODES[Math.max(...locks.map(({ mode }) => LOCK_MODES.indexOf(mode)))]!;
  const tables = new Set(locks.filter(({ mode }) => mode === strongest).map(({ table }) => table));
  const sizes = new Map(touched.map((one) => [one.table, ` (${tableSize(one)})`]));
  const names = [...tables].map((table) => `${table}${sizes.get(table) ?? ''}`);
  return `Strongest lock on tables that are there: ${strongest} (${blockedBy(strongest)} wait) on ${listed(names)}.`;
}

const WORK_WORDS: Readonly<Partial<Record<RowWork, string>>> = {
  rewrite: 'Written anew',
  'index build': 'Read whole for an index',
  scan: 'Read whole',
  data: 'Rows changed in',
};

function workSentences(impacts: readonly MigrationImpact[]): string[] {
  const work = impacts.flatMap((impact) => impact.work);
  const parts = Object.entries(WORK_WORDS).flatMap(([kind, words]) => {
    const tables = [...new Set(work.filter((one) => one.work === kind).map(({ table }) => table))];
    return tables.length === 0 ? [] : [`${words}: ${listed(tables)}`];
  });
  return parts.length === 0 ? [] : [`${parts.join('; ')}.`];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_TABLES).join(', ');
  return names.length > NAMED_TABLES ? `${shown} and ${names.length - NAMED_TABLES} more` : shown;
}
