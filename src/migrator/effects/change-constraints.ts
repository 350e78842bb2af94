/** What is known of a table after a constraint was added to it: under its own name or the one that the server would give. */
import type { ColumnDef, Constraint } from 'libpg-query';
import type { CatalogDraft } from './catalog-draft.ts';
import { nameOf, nameParts, quoteName, splitName } from './catalog-names.ts';
import type { CatalogConstraint, CatalogTable, ForeignKeyAction } from './catalog-view.ts';

/** Those of a column, with the column as their key. */
export function columnConstraints({ colname = '', constraints }: ColumnDef): Constraint[] {
  const key = [{ String: { sval: colname } }];
  return (constraints ?? []).flatMap((one) => {
    if (!('Constraint' in one)) return [];
    return [
      one.Constraint.contype === 'CONSTR_FOREIGN'
        ? { ...one.Constraint, fk_attrs: key }
        : { ...one.Constraint, keys: key },
    ];
  });
}

export function addConstraint(draft: CatalogDraft, table: string, constraint: Constraint): void {
  switch (constraint.contype) {
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      addIndexed(draft, table, constraint);
      return;
    case 'CONSTR_FOREIGN':
      addForeignKey(draft, table, constraint);
      return;
    case 'CONSTR_CHECK':
      put(draft, table, 'check', constraint, `CHECK (${checkText(constraint)})`);
      return;
    default:
  }
}

function put(
  draft: CatalogDraft,
  table: string,
  kind: CatalogConstraint['kind'],
  constraint: Constraint,
  definition: string,
): void {
  const known = draft.known(table);
  if (!known) return;
  const name = nameFor(constraint, known, kind);
  const validated = !constraint.skip_validation;
  const added = { name, kind, definition: validated ? definition : `${definition} NOT VALID`, validated };
  draft.change(table, { constraints: [...known.constraints.filter((one) => one.name !== name), added] });
}

const SUFFIX: Readonly<Record<string, string>> = {
  check: 'check',
  'foreign key': 'fkey',
  unique: 'key',
  exclude: 'excl',
};

/** As the server makes them up, without its ways out where names collide. */
function nameFor(constraint: Constraint, table: CatalogTable, kind: CatalogConstraint['kind']): string {
  if (constraint.conname) return constraint.conname;
  const { name } = splitName(table.name);
  if (kind === 'primary key') return `${name}_pkey`;
  const columns = nameParts(kind === 'foreign key' ? constraint.fk_attrs : constraint.keys);
  return [name, ...columns, SUFFIX[kind] ?? kind].join('_');
}

function addIndexed(draft: CatalogDraft, table: string, constraint: Constraint): void {
  const known = draft.known(table);
  if (!known) return;
  const kind =
    constraint.contype === 'CONSTR_PRIMARY'
      ? 'primary key'
      : constraint.contype === 'CONSTR_UNIQUE'
        ? 'unique'
        : 'exclude';
  const given = known.indexes.find(({ name }) => name === constraint.indexname);
  const columns: readonly (string | null)[] = given?.columns ?? nameParts(constraint.keys);
  const name = nameFor(constraint, known, kind);
  const list = columns.map((one) => quoteName(one ?? '')).join(', ');
  put(draft, table, kind, { ...constraint, conname: name }, `${kind.toUpperCase()} (${list})`);
  const index = { name, columns, unique: kind !== 'exclude', valid: true };
  draft.change(table, {
    indexes: [...known.indexes.filter((one) => one !== given && one.name !== name), index],
    columns:
      kind === 'primary key'
        ? known.columns.map((one) => (columns.includes(one.name) ? { ...one, notNull: true } : one))
        : known.columns,
  });
}

const ACTIONS: Readonly<Record<string, ForeignKeyAction>> = { c: 'delete rows', n: 'change rows', d: 'change rows' };

function addForeignKey(draft: CatalogDraft, table: string, constraint: Constraint): void {
  const known = draft.known(table);
  if (!known) return;
  const referenced = draft.table(nameOf(constraint.pktable));
  const references = referenced?.name ?? draft.nameFor(nameOf(constraint.pktable));
  const columns = nameParts(constraint.fk_attrs);
  const named = nameParts(constraint.pk_attrs);
  const key = {
    name: nameFor(constraint, known, 'foreign key'),
    columns,
    references,
    referencedColumns: named.length > 0 ? named : primaryKeyOf(referenced),
    onDelete: ACTIONS[constraint.fk_del_action ?? 'a'] ?? 'check',
    onUpdate: constraint.fk_upd_action === 'c' ? 'change rows' : (ACTIONS[constraint.fk_upd_action ?? 'a'] ?? 'check'),
    inherited: false,
  } as const;
  put(
    draft,
    table,
    'foreign key',
    { ...constraint, conname: key.name },
    `FOREIGN KEY (${columns.join(', ')}) REFERENCES ${references}`,
  );
  draft.change(table, { foreignKeys: [...known.foreignKeys.filter(({ name }) => name !== key.name), key] });
  const other = draft.known(references);
  if (other) draft.change(references, { referencedBy: [...new Set([...other.referencedBy, table])] });
}

function primaryKeyOf(table: CatalogTable | undefined): readonly string[] {
  const key = table?.constraints.find(({ kind }) => kind === 'primary key');
  const index = table?.indexes.find(({ name }) => name === key?.name);
  return (index?.columns ?? []).flatMap((one) => one ?? []);
}

/** `a IS NOT NULL`, also joined with AND: what else a check says is of no use here. */
function checkText({ raw_expr }: Constraint): string {
  if (!raw_expr) return 'true';
  if ('NullTest' in raw_expr && raw_expr.NullTest.nulltesttype === 'IS_NOT_NULL') {
    const { arg } = raw_expr.NullTest;
    if (arg && 'ColumnRef' in arg) return `(${quoteName(nameParts(arg.ColumnRef.fields).at(-1) ?? '')} IS NOT NULL)`;
  }
  if ('BoolExpr' in raw_expr && raw_expr.BoolExpr.boolop === 'AND_EXPR') {
    return (raw_expr.BoolExpr.args ?? []).map((one) => `(${checkText({ raw_expr: one })})`).join(' AND ');
  }
  return `of ${columnsIn(raw_expr).join(', ')}`;
}

/** Columns that an expression names. */
function columnsIn(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(columnsIn);
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    key === 'ColumnRef'
      ? nameParts((value as { fields?: [] }).fields)
          .slice(-1)
          .map(quoteName)
      : columnsIn(value),
  );
}
