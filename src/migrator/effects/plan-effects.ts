/**
 * The effects of files that run one after the other, each statement on the catalog as those before it leave it, and the tables
 * of the target that they touch.
 */
import type { StatementEffects, TouchedTable } from '../../model/statement-effects.ts';
import type { SqlStatement } from '../sql-statement.ts';
import type { CatalogView } from './catalog-view.ts';
import { effectsOf } from './effects-of.ts';
import { simulateFiles } from './simulation.ts';
import { mergeTouched, touchedBy } from './touched-tables.ts';

export interface FileEffects {
  /** In the order of the statements. */
  readonly effects: readonly StatementEffects[];
  /** Tables and materialized views that are there, in the order in which they are first touched. */
  readonly touched: readonly TouchedTable[];
}

/** One result per file. */
export function effectsOfFiles(
  files: readonly { readonly statements: readonly SqlStatement[] }[],
  start: CatalogView,
): readonly FileEffects[] {
  const results = new Map(
    files.map((file) => [file, { effects: [] as StatementEffects[], touched: [] as TouchedTable[] }]),
  );
  for (const { file, statement, view } of simulateFiles(files, start)) {
    const effects = effectsOf(statement, view);
    results.get(file)!.effects.push(effects);
    results.get(file)!.touched.push(...touchedBy(effects, view));
  }
  return [...results.values()].map(({ effects, touched }) => ({ effects, touched: mergeTouched([touched]) }));
}
