/** Triggers, rules, policies, extended statistics and publications: things that hang on tables and lock them when made. */
import type { AlterPublicationStmt, CreatePublicationStmt, CreateTrigStmt, Node, RangeVar } from 'libpg-query';
import { quoteName, rangeVars } from './catalog-names.ts';
import type { EffectsDraft } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';
import { lookUp } from './query-walk.ts';

const AE = 'ACCESS EXCLUSIVE';
const SUE = 'SHARE UPDATE EXCLUSIVE';

export const TRIGGER_HANDLERS: Handlers = {
  CreateTrigStmt: createTrigger,
  RuleStmt: (node, draft) => {
    const table = draft.named(node.relation);
    draft.say(`creates rule ${quoteName(node.rulename ?? '')} on ${table.name}`);
    draft.lock(table, AE);
    for (const action of node.actions ?? []) lookUpAction(action, draft);
  },
  CreatePolicyStmt: (node, draft) => {
    const table = draft.named(node.table);
    draft.say(`creates policy ${quoteName(node.policy_name ?? '')} on ${table.name}`);
    draft.lock(table, AE);
    lookUp([node.qual, node.with_check], draft);
  },
  AlterPolicyStmt: (node, draft) => {
    const table = draft.named(node.table);
    draft.say(`changes policy ${quoteName(node.policy_name ?? '')} on ${table.name}`);
    draft.lock(table, AE);
    lookUp([node.qual, node.with_check], draft);
  },
  CreateStatsStmt: (node, draft) => {
    for (const relation of rangeVars(node.relations)) {
      draft.say(`creates statistics on ${draft.named(relation).name}`);
      draft.lock(draft.named(relation), SUE);
    }
  },
  CreatePublicationStmt: (node, draft) => publish(node, `creates publication ${node.pubname}`, draft),
  AlterPublicationStmt: (node, draft) => publish(node, `changes publication ${node.pubname}`, draft),
};

function createTrigger(node: CreateTrigStmt, draft: EffectsDraft): void {
  const table = draft.named(node.relation);
  draft.say(`creates trigger ${quoteName(node.trigname ?? '')} on ${table.name}`);
  const mode = 'SHARE ROW EXCLUSIVE';
  if (table.catalog?.kind === 'partitioned table' && node.row) draft.lockTree(table, mode);
  else draft.lock(table, mode);
  if (node.constrrel) draft.lock(draft.named(node.constrrel), 'ACCESS SHARE');
}

/** The table that an action changes is locked as if it were changed now. */
function lookUpAction(action: Node, draft: EffectsDraft): void {
  lookUp(action, draft);
  const [content] = Object.values(action) as { relation?: RangeVar }[];
  if (content?.relation?.relname) draft.lock(draft.named(content.relation), 'ROW EXCLUSIVE');
}

function publish(node: CreatePublicationStmt | AlterPublicationStmt, words: string, draft: EffectsDraft): void {
  draft.say(words);
  for (const one of node.pubobjects ?? []) {
    const relation = 'PublicationObjSpec' in one ? one.PublicationObjSpec.pubtable?.relation : undefined;
    if (relation) draft.lockTree(draft.named(relation), SUE);
  }
}
