/** VACUUM, ANALYZE and CLUSTER: what they read, and when they write a table anew. */
import type { ClusterStmt, Node, VacuumStmt } from 'libpg-query';
import type { LockMode } from '../../model/statement-effects.ts';
import { includesChildren } from './catalog-names.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';

export const MAINTENANCE_HANDLERS: Handlers = { VacuumStmt: vacuum, ClusterStmt: cluster };

function vacuum(node: VacuumStmt, draft: EffectsDraft): void {
  const full = node.is_vacuumcmd === true && isOn(node.options, 'full');
  const verb = full ? 'writes anew' : node.is_vacuumcmd ? 'vacuums' : 'analyses';
  const relations = (node.rels ?? []).flatMap((one) => ('VacuumRelation' in one ? [one.VacuumRelation.relation] : []));
  if (relations.length === 0) {
    draft.say(`${verb} every table of the database`);
    draft.opaque('every table of the database');
  }
  for (const relation of relations) {
    const table = draft.named(relation);
    draft.say(`${verb} ${table.name}`);
    const mode = full ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE';
    if (includesChildren(relation)) draft.lockTree(table, mode);
    else lockAlone(draft, table, mode);
    // ANALYZE reads a sample.
    if (node.is_vacuumcmd)
      draft.workTree(includesChildren(relation) ? table : { ...table, catalog: undefined }, full ? 'rewrite' : 'scan');
  }
}

/** ANALYZE ONLY reads nothing of the partitions, and opens them all the same. */
function lockAlone(draft: EffectsDraft, table: NamedTable, mode: LockMode): void {
  draft.lock(table, mode);
  draft.lockTree(table, 'ACCESS SHARE');
}

function cluster({ relation }: ClusterStmt, draft: EffectsDraft): void {
  if (!relation) {
    draft.say('puts every table that has an order into it');
    draft.opaque('every table with an order');
    return;
  }
  const table = draft.named(relation);
  draft.say(`puts ${table.name} into the order of an index`);
  draft.lock(table, 'ACCESS EXCLUSIVE');
  draft.work(table, 'rewrite');
}

function isOn(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((one) => {
    if (!('DefElem' in one) || one.DefElem.defname !== name) return false;
    const { arg } = one.DefElem;
    return !(arg && 'String' in arg && /^(false|off|0)$/i.test(arg.String.sval ?? ''));
  });
}
