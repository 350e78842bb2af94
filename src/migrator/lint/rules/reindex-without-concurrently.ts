/** REINDEX of something that is in use. */
import type { ReindexStmt } from 'libpg-query';
import type { CatalogTable, CatalogView } from '../../effects/catalog-view.ts';
import { nameOf } from '../../statement-kinds.ts';
import { quoteName, writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';

export const reindexWithoutConcurrently: StatementRule = {
  name: 'reindex-without-concurrently',
  title: 'REINDEX without CONCURRENTLY',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Writers wait until every index is built anew, and so do queries that would use an index that is being built.',
  check: ({ statement, view }) => {
    const { node } = statement;
    if (!('ReindexStmt' in node) || isConcurrent(node.ReindexStmt)) return [];
    const reindex = node.ReindexStmt;
    if (tableOf(reindex, view)?.origin === 'plan') return [];
    const what = whatOf(reindex);
    const message = `REINDEX takes SHARE on ${tableOf(reindex, view)?.name ?? tablesIn(reindex)} and ACCESS EXCLUSIVE on its indexes`;
    // System catalogs cannot be rebuilt concurrently.
    return [{ message, instead: what ? steps(`REINDEX ${what[0]} CONCURRENTLY ${what[1]}`) : null }];
  },
};

function isConcurrent({ params }: ReindexStmt): boolean {
  return (params ?? []).some((one) => 'DefElem' in one && one.DefElem.defname === 'concurrently');
}

function tableOf({ kind, relation }: ReindexStmt, view: CatalogView): CatalogTable | undefined {
  if (kind === 'REINDEX_OBJECT_INDEX') return view.tableOfIndex(nameOf(relation));
  return kind === 'REINDEX_OBJECT_TABLE' ? view.table(nameOf(relation)) : undefined;
}

function tablesIn({ kind, relation, name }: ReindexStmt): string {
  switch (kind) {
    case 'REINDEX_OBJECT_TABLE':
      return writtenName(nameOf(relation));
    case 'REINDEX_OBJECT_INDEX':
      return `the table of ${writtenName(nameOf(relation))}`;
    case 'REINDEX_OBJECT_SCHEMA':
      return `each table of the schema ${name} in turn`;
    default:
      return 'each table of the database in turn';
  }
}

function whatOf({ kind, relation, name }: ReindexStmt): [kind: string, name: string] | undefined {
  switch (kind) {
    case 'REINDEX_OBJECT_TABLE':
      return ['TABLE', writtenName(nameOf(relation))];
    case 'REINDEX_OBJECT_INDEX':
      return ['INDEX', writtenName(nameOf(relation))];
    case 'REINDEX_OBJECT_SCHEMA':
      return ['SCHEMA', quoteName(name ?? '')];
    case 'REINDEX_OBJECT_DATABASE':
      return ['DATABASE', name ? quoteName(name) : ''];
    default:
      return undefined;
  }
}
