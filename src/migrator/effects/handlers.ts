/** The type of a table of handlers by statement kind, and how a statement finds its own. */
import type { Node } from 'libpg-query';
import type { EffectsDraft } from './effects-draft.ts';

type KeysOf<T> = T extends T ? keyof T : never;
export type NodeKind = KeysOf<Node>;
/** What stands under a kind: `CreateStmt` for `CreateStmt`. */
export type NodeOf<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind];

export type Handlers = { readonly [Kind in NodeKind]?: (node: NodeOf<Kind>, draft: EffectsDraft) => void };

/** False where no handler knows the statement. */
export function handle(handlers: Handlers, node: Node, draft: EffectsDraft): 'handled' | 'unknown' {
  const [kind, content] = Object.entries(node)[0] ?? [];
  const handler = handlers[kind as NodeKind] as ((content: unknown, draft: EffectsDraft) => void) | undefined;
  if (!handler) return 'unknown';
  handler(content, draft);
  return 'handled';
}
