/** What is known of the catalog after CREATE TABLE, CREATE TABLE AS, CREATE VIEW and CREATE INDEX. */
import type { CreateStmt, CreateTableAsStmt, IndexStmt, Node, ViewStmt } from 'libpg-query';
import type { CatalogDraft } from './catalog-draft.ts';
import { nameOf, rangeVars, splitName } from './catalog-names.ts';
import type { CatalogColumn, CatalogTable } from './catalog-view.ts';
import { addConstraint, columnConstraints } from './change-constraints.ts';
import { tablesNamedIn } from './tables-named.ts';
import { typeText } from './type-names.ts';

export function emptyTable(name: string, kind: CatalogTable['kind']): CatalogTable {
  const nothing = { columns: [], foreignKeys: [], indexes: [], constraints: [], partitions: [], referencedBy: [] };
  const alone = { parent: null, defaultPartition: null, reads: [], readBy: [], triggers: [], statistics: [] };
  return { name, kind, origin: 'plan', rows: 0, bytes: 0, ...nothing, ...alone };
}

export function changeByCreate(node: CreateStmt, draft: CatalogDraft): void {
  const relation = node.relation;
  const temporary = relation?.relpersistence === 't';
  const name = draft.nameFor(temporary ? { schema: 'pg_temp', name: relation.relname ?? '' } : nameOf(relation));
  if (draft.known(name)) return;
  const parents = rangeVars(node.inhRelations).flatMap((one) => draft.table(nameOf(one)) ?? []);
  const columns = [
    ...parents.flatMap((one) => one.columns),
    ...(node.tableElts ?? []).flatMap((one) => columnsIn(one, draft)),
  ];
  const unique = columns.filter((one, index) => columns.findIndex(({ name: other }) => other === one.name) === index);
  draft.put({
    ...emptyTable(name, node.partspec ? 'partitioned table' : 'table'),
    columns: unique,
    parent: parents[0]?.name ?? null,
  });
  for (const element of node.tableElts ?? []) addConstraintsOf(element, name, draft);
  if (node.partbound && parents[0]) inherit(parents[0], name, draft);
  for (const parent of parents) addChild(parent, name, draft, node.partbound?.is_default ? 'default' : 'plain');
}

/** A partition has its parent's foreign keys. */
function inherit(parent: CatalogTable, name: string, draft: CatalogDraft): void {
  draft.change(name, { foreignKeys: parent.foreignKeys.map((key) => ({ ...key, inherited: true })) });
  for (const { references } of parent.foreignKeys) {
    const referenced = draft.known(references);
    if (referenced) draft.change(references, { referencedBy: [...new Set([...referenced.referencedBy, name])] });
  }
}

export function addChild(parent: CatalogTable, child: string, draft: CatalogDraft, kind: 'default' | 'plain'): void {
  for (const name of [parent.name, ...draft.ancestorsOf(parent)]) {
    const table = draft.known(name);
    if (table) draft.change(name, { partitions: [...new Set([...table.partitions, child])] });
  }
  if (kind === 'default') draft.change(parent.name, { defaultPartition: child });
}

function columnsIn(element: Node, draft: CatalogDraft): readonly CatalogColumn[] {
  if ('TableLikeClause' in element) return draft.table(nameOf(element.TableLikeClause.relation))?.columns ?? [];
  if (!('ColumnDef' in element)) return [];
  const { colname = '', typeName } = element.ColumnDef;
  return [{ name: colname, type: typeText(typeName), notNull: isNotNull(element) }];
}

export function isNotNull(element: Node): boolean {
  const constraints = 'ColumnDef' in element ? (element.ColumnDef.constraints ?? []) : [];
  const strict = ['CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'];
  return constraints.some((one) => 'Constraint' in one && strict.includes(one.Constraint.contype ?? ''));
}

function addConstraintsOf(element: Node, table: string, draft: CatalogDraft): void {
  if ('Constraint' in element) addConstraint(draft, table, element.Constraint);
  if ('ColumnDef' in element) for (const one of columnConstraints(element.ColumnDef)) addConstraint(draft, table, one);
}

export function changeByCreateAs(node: CreateTableAsStmt, draft: CatalogDraft): void {
  const relation = node.into?.rel;
  if (!relation) return;
  const temporary = relation.relpersistence === 't';
  const name = draft.nameFor(temporary ? { schema: 'pg_temp', name: relation.relname ?? '' } : nameOf(relation));
  if (draft.known(name)) return;
  const isView = node.objtype === 'OBJECT_MATVIEW';
  draft.put(emptyTable(name, isView ? 'materialized view' : 'table'));
  if (isView) reads(name, node.query, draft);
}

export function changeByView(node: ViewStmt, draft: CatalogDraft): void {
  const name = draft.nameFor(nameOf(node.view));
  if (!draft.known(name)) draft.put(emptyTable(name, 'view'));
  reads(name, node.query, draft);
}

function reads(view: string, query: Node | undefined, draft: CatalogDraft): void {
  const tables = tablesNamedIn(query).flatMap((one) => draft.table(one) ?? []);
  draft.change(view, { reads: [...new Set(tables.map(({ name }) => name))] });
  for (const { name, readBy } of tables) draft.change(name, { readBy: [...new Set([...readBy, view])] });
}

export function changeByIndex(node: IndexStmt, draft: CatalogDraft): void {
  const table = draft.table(nameOf(node.relation));
  if (!table) return;
  const columns = (node.indexParams ?? []).map((one) => ('IndexElem' in one ? (one.IndexElem.name ?? null) : null));
  const name = node.idxname ?? `${splitName(table.name).name}_${columns.map((one) => one ?? 'expr').join('_')}_idx`;
  if (table.indexes.some((one) => one.name === name)) return;
  draft.change(table.name, {
    indexes: [...table.indexes, { name, columns, unique: node.unique ?? false, valid: true }],
  });
}
