/** Finds nodes of a kind anywhere in a parse tree. */
import type { NodeKind, NodeOf } from '../effects/handlers.ts';

/** In the order of the text, as far as the tree keeps it. */
export function nodesOf<Kind extends NodeKind>(tree: unknown, kind: Kind): NodeOf<Kind>[] {
  if (Array.isArray(tree)) return tree.flatMap((one) => nodesOf(one, kind));
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => {
    const inner = nodesOf(value, kind);
    return key === kind ? [value as NodeOf<Kind>, ...inner] : inner;
  });
}
