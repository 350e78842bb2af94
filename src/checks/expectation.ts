/**
 * Whether what a statement gave back is what the runbook expects, in words that hold names, counts and nothing else of the
 * rows. Pure.
 */
import { assertNever } from '../model/assert-never.ts';
import type { Expectation } from '../model/runbook.ts';

/** What a statement gave back: rows of a query, or the plan of an EXPLAIN (FORMAT JSON). */
export type StatementResult =
  | { readonly kind: 'rows'; readonly rows: readonly Row[]; readonly count: number }
  | { readonly kind: 'plan'; readonly plan: unknown };

export type Row = Readonly<Record<string, unknown>>;

export interface Judgement {
  readonly met: boolean;
  readonly found: string;
  readonly expected: string;
}

export function judge(result: StatementResult, expect: Expectation | undefined): Judgement {
  if (result.kind === 'plan') return judgePlan(scansOf(result.plan), expect);
  const { rows, count } = result;
  if (expect === undefined) return { met: true, found: `done, ${rowsText(count)}`, expected: 'no error' };
  switch (expect.kind) {
    case 'all-not-null':
      return judgeNotNull(rows);
    case 'rows':
      return judgeCount(count, expect);
    case 'no-rows':
      return { met: count === 0, found: rowsText(count), expected: 'no rows' };
    case 'column-contains':
      return judgeColumn(rows, expect);
    case 'uses-index':
      return { met: false, found: rowsText(count), expected: `a plan that uses ${expect.index}` };
    default:
      return assertNever(expect);
  }
}

function judgeNotNull(rows: readonly Row[]): Judgement {
  const expected = 'at least one row, nothing null';
  if (rows.length === 0) return { met: false, found: 'no rows', expected };
  const columns = Object.keys(rows[0]!);
  const nulls = columns.filter((column) => rows.some((row) => row[column] === null));
  if (nulls.length > 0) return { met: false, found: `null: ${nulls.join(', ')}`, expected };
  return { met: true, found: `not null: ${columns.join(', ')}`, expected };
}

function judgeCount(count: number, { atLeast, exactly }: Extract<Expectation, { kind: 'rows' }>): Judgement {
  if (exactly !== undefined) {
    return { met: count === exactly, found: rowsText(count), expected: `exactly ${rowsText(exactly)}` };
  }
  const least = atLeast ?? 1;
  return { met: count >= least, found: rowsText(count), expected: `at least ${rowsText(least)}` };
}

/** `core.users` does not occur in `core.users_archive`: what stands next to a value may not be part of a name. */
function judgeColumn(
  rows: readonly Row[],
  { column, values }: Extract<Expectation, { kind: 'column-contains' }>,
): Judgement {
  const expected = `${values.join(', ')} in column ${column}`;
  if (rows.length > 0 && !(column in rows[0]!)) return { met: false, found: `no column ${column}`, expected };
  const missing = values.filter((value) => !rows.some((row) => occurs(value, String(row[column] ?? ''))));
  if (missing.length === 0) return { met: true, found: `${values.join(', ')} in ${rowsText(rows.length)}`, expected };
  return { met: false, found: `not there: ${missing.join(', ')}, in ${rowsText(rows.length)}`, expected };
}

function occurs(value: string, text: string): boolean {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`).test(text);
}

interface Scan {
  readonly node: string;
  readonly on: string;
}

function judgePlan(scans: readonly Scan[], expect: Expectation | undefined): Judgement {
  const found = scans.map(({ node, on }) => `${node} on ${on}`).join(', ') || 'no scan';
  if (expect?.kind !== 'uses-index') return { met: false, found, expected: 'an expectation that fits a plan' };
  const index = expect.index.split('.').at(-1);
  const met = scans.some(({ on, node }) => on === index && node.includes('Index'));
  return { met, found, expected: `a scan by ${expect.index}` };
}

/** All scans of a plan tree: by index where there is one, else of the table. */
function scansOf(node: unknown): readonly Scan[] {
  if (Array.isArray(node)) return node.flatMap(scansOf);
  if (node === null || typeof node !== 'object') return [];
  const { 'Node Type': type, 'Index Name': index, 'Relation Name': relation, Plan, Plans } = node as Row;
  const on = index ?? relation;
  const own = on === undefined ? [] : [{ node: String(type), on: String(on) }];
  return [...own, ...scansOf(Plan), ...scansOf(Plans)];
}

function rowsText(count: number): string {
  return count === 0 ? 'no rows' : count === 1 ? '1 row' : `${count} rows`;
}
