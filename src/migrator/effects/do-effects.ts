/** A DO block does what its statements do, whichever branch they stand in; the rest is told as opaque. */
import type { DoBody } from '../sql-statement.ts';
import { kindOf } from '../statement-kinds.ts';
import { EffectsDraft } from './effects-draft.ts';
import { handle } from './handlers.ts';
import { HANDLERS } from './registry.ts';
import { advanceNode } from './simulation.ts';

export function effectsOfBody({ statements, opaque }: DoBody, draft: EffectsDraft): void {
  const words: string[] = [];
  let view = draft.view;
  for (const node of statements) {
    const inner = new EffectsDraft(view);
    if (handle(HANDLERS, node, inner) === 'unknown') inner.opaque(`what ${kindOf(node)} does`);
    draft.include(inner);
    if (kindOf(node) !== 'SelectStmt') words.push(inner.words());
    view = advanceNode(view, node);
  }
  for (const what of opaque) draft.opaque(what);
  draft.say(words.length > 0 ? `DO block that may: ${[...new Set(words)].join('; ')}` : 'DO block');
}
