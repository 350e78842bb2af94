/** Views: making one reads what its query names; replacing or refreshing one locks it against its readers. */
import type { RefreshMatViewStmt, ViewStmt } from 'libpg-query';
import type { EffectsDraft } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';
import { lookUp, readTable } from './query-walk.ts';

export const VIEW_HANDLERS: Handlers = { ViewStmt: createView, RefreshMatViewStmt: refresh };

function createView(node: ViewStmt, draft: EffectsDraft): void {
  const view = draft.named(node.view);
  const replaces = node.replace && view.catalog !== undefined;
  draft.say(`${replaces ? 'replaces' : 'creates'} view ${view.name}`);
  if (replaces || (node.replace && draft.view.source === 'files')) draft.lock(view, 'ACCESS EXCLUSIVE');
  lookUp(node.query, draft);
}

function refresh(node: RefreshMatViewStmt, draft: EffectsDraft): void {
  const view = draft.named(node.relation);
  draft.say(`refreshes ${view.name}${node.concurrent ? ' concurrently' : ''}`);
  draft.lock(view, node.concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE');
  draft.work(view, node.concurrent ? 'data' : 'rewrite');
  for (const name of view.catalog?.reads ?? []) readTable(draft, draft.known(name));
}
