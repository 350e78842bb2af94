/** VACUUM FULL and CLUSTER. */
import type { Node } from 'libpg-query';
import { nameOf, type ObjectName } from '../../statement-kinds.ts';
import { writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const vacuumFullOrCluster: StatementRule = {
  name: 'vacuum-full-or-cluster',
  title: 'VACUUM FULL or CLUSTER',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The whole table is written anew with all its indexes, and nobody can read or write until that is done. A plain VACUUM gives the space back to the table itself and stops nobody.',
  check: ({ statement, view }) => {
    const { node } = statement;
    const words = wordsOf(node);
    if (!words) return [];
    const tables = tablesOf(node);
    if (tables.length > 0 && tables.every((table) => !isThere(view, table))) return [];
    const shown =
      tables.length === 0 ? 'every table of the database' : tables.map((table) => tableWords(view, table)).join(', ');
    const instead = steps(`VACUUM (ANALYZE)${tables.length === 0 ? '' : ` ${tables.map(writtenName).join(', ')}`}`);
    return [{ message: `${words} rewrites ${shown} under ACCESS EXCLUSIVE`, instead }];
  },
};

function wordsOf(node: Node): string | undefined {
  if ('ClusterStmt' in node) return 'CLUSTER';
  const options = 'VacuumStmt' in node ? (node.VacuumStmt.options ?? []) : [];
  return options.some((one) => 'DefElem' in one && one.DefElem.defname === 'full') ? 'VACUUM FULL' : undefined;
}

function tablesOf(node: Node): ObjectName[] {
  if ('ClusterStmt' in node) return node.ClusterStmt.relation ? [nameOf(node.ClusterStmt.relation)] : [];
  const relations = 'VacuumStmt' in node ? (node.VacuumStmt.rels ?? []) : [];
  return relations.flatMap((one) => ('VacuumRelation' in one ? [nameOf(one.VacuumRelation.relation)] : []));
}
