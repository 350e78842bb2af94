/**
 * What one statement does to a database as `view` knows it: its locks, its work on rows, and whether it can be undone. A pure
 * function; where it cannot tell, it says so in `opaque`, or takes the stronger answer.
 */
import type { StatementEffects } from '../../model/statement-effects.ts';
import type { SqlStatement } from '../sql-statement.ts';
import type { CatalogView } from './catalog-view.ts';
import { effectsOfBody } from './do-effects.ts';
import { EffectsDraft } from './effects-draft.ts';
import { handle } from './handlers.ts';
import { HANDLERS } from './registry.ts';

/** `view` is the catalog before the statement. */
export function effectsOf(statement: SqlStatement, view: CatalogView): StatementEffects {
  const draft = new EffectsDraft(view);
  const { line, kind, node, lone, body } = statement;
  if (body) effectsOfBody(body, draft);
  else if (handle(HANDLERS, node, draft) === 'unknown') draft.opaque(`what ${firstWords(statement)} does`);
  const { summary, ...rest } = draft.finish();
  return { line, kind, summary: summary || firstWords(statement), ...rest, transaction: lone ? 'no' : 'yes' };
}

function firstWords({ text }: SqlStatement): string {
  return text.split(/\s+/).slice(0, 3).join(' ').toLowerCase();
}
