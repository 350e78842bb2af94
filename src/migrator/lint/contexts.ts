/** What rules are asked about, statement by statement, and the catalog as it is behind the last one. */
import type { StatementEffects } from '../../model/statement-effects.ts';
import { viewOf } from '../effects/catalog-state.ts';
import type { CatalogView } from '../effects/catalog-view.ts';
import { effectsOf } from '../effects/effects-of.ts';
import { advance } from '../effects/simulation.ts';
import type { SqlFile } from '../sql-file.ts';
import type { SqlStatement } from '../sql-statement.ts';
import { withNamedTable } from './known-tables.ts';
import type { Direction, StatementContext } from './rule.ts';
import type { SourceText } from './source-text.ts';
import { placed } from './transactions.ts';

export interface FileToLint {
  readonly direction: Direction;
  readonly file: SqlFile;
  readonly source: SourceText;
  readonly statements: readonly SqlStatement[];
  readonly schemas: readonly string[];
}

export interface FileContexts {
  readonly contexts: readonly StatementContext[];
  /** A SET search_path ends with its file. */
  readonly after: CatalogView;
}

export function contextsOf(
  { direction, file, source, statements, schemas }: FileToLint,
  start: CatalogView,
): FileContexts {
  const effects = new Map<SqlStatement, StatementEffects>();
  const contexts: StatementContext[] = [];
  let view = start;
  for (const { statement, transaction, runs, wrapped } of placed(file, statements)) {
    view = withNamedTable(view, statement);
    const own = effectsOf(statement, view);
    effects.set(statement, own);
    const before = transaction.slice(0, transaction.indexOf(statement));
    const effectsBefore = before.map((one) => effects.get(one)!);
    contexts.push({
      direction,
      file,
      source,
      statement,
      transaction,
      before,
      runs,
      wrapped,
      view,
      effects: own,
      effectsBefore,
      schemas,
    });
    view = advance(view, statement);
  }
  return { contexts, after: viewOf({ ...view.state, searchPath: start.searchPath }) };
}
