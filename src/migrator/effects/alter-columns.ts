/** ALTER TABLE on columns: which of its forms read or rewrite the rows that are there. */
import type { ColumnDef, Constraint } from 'libpg-query';
import { type AlterCommand, type CommandAt, quiet, workOn } from './alter-command.ts';
import { nameFromNode, quoteName } from './catalog-names.ts';
import type { CatalogTable } from './catalog-view.ts';
import { foreignKeysIn, lockReferenced } from './create-table.ts';
import { volatilityIn } from './default-volatility.ts';
import { lockViewsOn } from './drops.ts';
import type { NamedTable } from './effects-draft.ts';
import { impliesNotNull } from './not-null-proof.ts';
import { typeChange } from './type-change.ts';
import { isSerial, typeText } from './type-names.ts';

const AE = 'ACCESS EXCLUSIVE';

export const COLUMN_COMMANDS: Readonly<Record<string, AlterCommand>> = {
  AT_AddColumn: { lock: AE, reach: 'children', look: addColumn },
  AT_AddColumnToView: quiet(AE, (_, table) => `adds a column to ${table}`),
  AT_DropColumn: { lock: AE, reach: 'children', look: dropColumn },
  AT_AlterColumnType: { lock: AE, reach: 'children', look: alterType },
  AT_ColumnDefault: quiet(
    AE,
    ({ name, def }, table) => `${def ? 'sets' : 'drops'} the default of ${column(table, name)}`,
    'children',
  ),
  AT_SetNotNull: { lock: AE, reach: 'children', look: setNotNull },
  AT_DropNotNull: { lock: AE, reach: 'table', look: dropNotNull },
  AT_SetExpression: {
    lock: AE,
    reach: 'children',
    look: (at) => {
      at.draft.say(`changes how ${column(at.table.name, at.command.name)} is generated`);
      workOn(at, 'rewrite');
    },
  },
  AT_DropExpression: quiet(AE, ({ name }, table) => `makes ${column(table, name)} a plain column`, 'children'),
  AT_AddIdentity: quiet(AE, ({ name }, table) => `makes ${column(table, name)} an identity`),
  AT_SetIdentity: quiet(AE, ({ name }, table) => `changes the identity ${column(table, name)}`),
  AT_DropIdentity: quiet(AE, ({ name }, table) => `makes the identity ${column(table, name)} a plain column`),
  AT_SetStatistics: quiet(
    'SHARE UPDATE EXCLUSIVE',
    ({ name }, table) => `sets statistics of ${column(table, name)}`,
    'children',
  ),
  AT_SetOptions: quiet('SHARE UPDATE EXCLUSIVE', ({ name }, table) => `sets options of ${column(table, name)}`),
  AT_ResetOptions: quiet('SHARE UPDATE EXCLUSIVE', ({ name }, table) => `resets options of ${column(table, name)}`),
  AT_SetStorage: quiet(AE, ({ name }, table) => `sets storage of ${column(table, name)}`, 'children'),
  AT_SetCompression: quiet(AE, ({ name }, table) => `sets compression of ${column(table, name)}`),
  AT_AlterColumnGenericOptions: quiet(AE, ({ name }, table) => `sets options of ${column(table, name)}`),
};

function column(table: string, name: string | undefined): string {
  return `${table}.${quoteName(name ?? '')}`;
}

function addColumn(at: CommandAt): void {
  const { command, table, draft } = at;
  const definition = command.def && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  if (!definition) return;
  const isThere = command.missing_ok && hasColumn(table.catalog, definition.colname);
  draft.say(`adds column ${quoteName(definition.colname ?? '')} to ${table.name}${isThere ? ', which is there' : ''}`);
  if (isThere) return;
  const constraints = constraintsOf(definition);
  const fills = constraints.some(({ contype }) => contype === 'CONSTR_DEFAULT');
  addRows(at, definition, constraints);
  for (const key of foreignKeysIn({ ColumnDef: definition })) {
    lockReferenced(draft, draft.named(key.pktable), table.name);
    // A column without a default holds nulls, which need no check.
    if (fills) checkRows(at, draft.named(key.pktable));
  }
}

/** Whether the new column's values have to be computed, checked or indexed row by row. */
function addRows(at: CommandAt, definition: ColumnDef, constraints: readonly Constraint[]): void {
  const { draft } = at;
  const kinds = constraints.map(({ contype }) => contype);
  const fallback = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const generated = constraints.find(({ contype }) => contype === 'CONSTR_GENERATED');
  const domain = draft.view.type(nameFromNode(definition.typeName && { TypeName: definition.typeName }));
  const volatility = volatilityIn(fallback, draft.view);
  if (volatility === undefined) draft.opaque(`whether the default of ${definition.colname} is volatile`);
  const computes =
    isSerial(definition.typeName) ||
    kinds.includes('CONSTR_IDENTITY') ||
    (generated && generated.generated_kind !== 'v');
  if (computes || domain?.constrained || (fallback && (volatility ?? 'volatile') === 'volatile')) workOn(at, 'rewrite');
  if (kinds.includes('CONSTR_CHECK')) workOn(at, 'scan');
  if (kinds.includes('CONSTR_NOTNULL') && !fallback) workOn(at, 'scan');
  if (kinds.includes('CONSTR_PRIMARY') || kinds.includes('CONSTR_UNIQUE')) workOn(at, 'index build');
}

function constraintsOf({ constraints }: ColumnDef): Constraint[] {
  return (constraints ?? []).flatMap((one) => ('Constraint' in one ? [one.Constraint] : []));
}

function hasColumn(table: CatalogTable | undefined, name: string | undefined): boolean {
  return table?.columns.some((one) => one.name === name) ?? false;
}

function dropColumn({ command, table, draft, mode }: CommandAt): void {
  const name = command.name ?? '';
  const missing = command.missing_ok && table.catalog !== undefined && !hasColumn(table.catalog, name);
  // Also with ONLY: children that keep the column have to know.
  draft.lockTree(table, mode);
  draft.say(`drops ${column(table.name, name)}${missing ? ', which is not there' : ''}`);
  if (missing) return;
  if (!table.own) draft.undo('loses data');
  for (const key of table.catalog?.foreignKeys ?? []) {
    if (key.columns.includes(name)) draft.lockTree(draft.known(key.references), mode, 'referenced by a foreign key');
  }
  if (command.behavior !== 'DROP_CASCADE') return;
  for (const referring of referringTo(table.catalog, name, draft))
    draft.lockTree(referring, mode, 'has a foreign key to it');
  lockViewsOn(draft, table);
}

/** The check of a foreign key reads both tables. */
export function checkRows(at: CommandAt, referenced: NamedTable): void {
  workOn(at, 'scan');
  at.draft.workTree(referenced, 'scan');
}

/** Tables with a foreign key to this column. */
export function referringTo(table: CatalogTable | undefined, name: string | null, draft: CommandAt['draft']) {
  return (table?.referencedBy ?? []).flatMap((other) => {
    const referring = draft.known(other);
    const keys = referring.catalog?.foreignKeys.filter(({ references }) => references === table?.name) ?? [];
    const hit = name === null || keys.some(({ referencedColumns }) => referencedColumns.includes(name));
    return hit ? [referring] : [];
  });
}

/** Since PostgreSQL 18 it is a constraint: where there is none, no child is looked at. */
function dropNotNull({ command, table, draft, mode, inTree }: CommandAt): void {
  draft.say(`lets ${column(table.name, command.name)} be null`);
  const known = table.catalog?.columns.find(({ name }) => name === command.name);
  const nothing = known?.notNull === false && draft.view.serverVersion >= 180_000;
  if (inTree && !nothing) draft.lockTree(table, mode);
}

function setNotNull(at: CommandAt): void {
  const { command, table, draft } = at;
  const name = command.name ?? '';
  draft.say(`makes ${column(table.name, name)} not null`);
  const before = table.catalog?.columns.find((one) => one.name === name);
  if (before?.notNull || impliesNotNull(table.catalog, name)) return;
  workOn(at, 'scan');
}

function alterType(at: CommandAt): void {
  const { command, table, draft, mode } = at;
  const name = command.name ?? '';
  const definition = command.def && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  const to = typeText(definition?.typeName);
  draft.say(`changes the type of ${column(table.name, name)} to ${to}`);
  const from = table.catalog?.columns.find((one) => one.name === name)?.type;
  const change = typeChange({ from, to, column: name, using: definition?.raw_default, view: draft.view });
  if (change.rows === 'rewrite') workOn(at, 'rewrite');
  if (change.rows !== 'rewrite') workOnDependents(at, name, change.indexes);
  for (const key of table.catalog?.foreignKeys ?? []) {
    if (!key.columns.includes(name)) continue;
    draft.lockTree(draft.known(key.references), mode, 'referenced by a foreign key');
    if (change.rows === 'rewrite') draft.workTree(draft.known(key.references), 'scan');
  }
  for (const other of referringTo(table.catalog, name, draft)) {
    draft.lockTree(other, mode, 'has a foreign key to it');
    if (change.rows === 'rewrite') draft.workTree(other, 'scan');
  }
  // A value that was rounded or cut does not come back.
  if (change.values === 'may change' && !table.own) draft.undo('loses data');
}

/** Without a rewrite, constraints on the column are still checked anew, and indexes of another order built anew. */
function workOnDependents(at: CommandAt, name: string, indexes: 'kept' | 'built'): void {
  const { catalog } = at.table;
  const word = new RegExp(`(^|[^a-z0-9_$])${name.replaceAll(/[^a-z0-9_]/gi, '\\$&')}([^a-z0-9_$]|$)`);
  if (catalog?.constraints.some(({ kind, definition }) => kind === 'check' && word.test(definition)))
    workOn(at, 'scan');
  const indexed = catalog?.indexes.some(({ columns }) => columns.includes(name) || columns.includes(null));
  if (indexed && indexes === 'built') workOn(at, 'index build');
}
