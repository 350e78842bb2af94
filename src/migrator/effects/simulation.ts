/**
 * The catalog as it will be while a plan is carried out: each statement changes it for those after it. What a statement does
 * that is not followed here (a function's body, an EXECUTE) changes nothing.
 */
import type { Node } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';
import { CatalogDraft } from './catalog-draft.ts';
import { viewOf } from './catalog-state.ts';
import type { CatalogView } from './catalog-view.ts';
import { handleChange } from './changes.ts';

export { filesOnlyView } from './catalog-state.ts';

/** Each statement with the catalog before it. A SET search_path holds to the end of the statements. */
export function* simulate<Statement extends Pick<SqlStatement, 'node' | 'body'>>(
  statements: Iterable<Statement>,
  start: CatalogView,
): Generator<{ readonly statement: Statement; readonly view: CatalogView }, CatalogView> {
  let view = start;
  for (const statement of statements) {
    yield { statement, view };
    view = advance(view, statement);
  }
  return view;
}

/** The same over files that run one after the other; a SET search_path holds to the end of its file. */
export function* simulateFiles<
  Statement extends Pick<SqlStatement, 'node' | 'body'>,
  File extends { readonly statements: readonly Statement[] },
>(
  files: Iterable<File>,
  start: CatalogView,
): Generator<
  { readonly file: File; readonly statement: File['statements'][number]; readonly view: CatalogView },
  CatalogView
> {
  let view = start;
  for (const file of files) {
    for (const statement of file.statements) {
      yield { file, statement, view };
      view = advance(view, statement);
    }
    view = viewOf({ ...view.state, searchPath: start.searchPath });
  }
  return view;
}

/** The catalog after the statement. */
export function advance(view: CatalogView, { node, body }: Pick<SqlStatement, 'node' | 'body'>): CatalogView {
  return (body?.statements ?? [node]).reduce(advanceNode, view);
}

export function advanceNode(view: CatalogView, node: Node): CatalogView {
  const draft = new CatalogDraft(view.state);
  handleChange(node, draft);
  const after = draft.finish();
  return after === view.state ? view : viewOf(after);
}
