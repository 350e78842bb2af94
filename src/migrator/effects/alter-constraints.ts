/** ALTER TABLE on constraints: which of them read rows, build an index, or lock the table that a foreign key names. */
import type { Constraint } from 'libpg-query';
import { checkRows, referringTo } from './alter-columns.ts';
import { type AlterCommand, type CommandAt, type CommandOn, quiet, workOn } from './alter-command.ts';
import { nameParts, quoteName } from './catalog-names.ts';
import { lockReferenced } from './create-table.ts';
import type { NamedTable } from './effects-draft.ts';
import { impliesNotNull } from './not-null-proof.ts';

const AE = 'ACCESS EXCLUSIVE';

export const CONSTRAINT_COMMANDS: Readonly<Record<string, AlterCommand>> = {
  AT_AddConstraint: {
    lock: ({ command }) => (constraintOf(command)?.contype === 'CONSTR_FOREIGN' ? 'SHARE ROW EXCLUSIVE' : AE),
    reach: 'table',
    look: addConstraint,
  },
  AT_ValidateConstraint: { lock: 'SHARE UPDATE EXCLUSIVE', reach: 'table', look: validate },
  AT_AlterConstraint: { lock: AE, reach: 'partitions', look: alterConstraint },
  AT_DropConstraint: { lock: AE, reach: 'table', look: dropConstraint },
  AT_AddOf: quiet(AE, (_, table) => `makes ${table} a table of a type`),
  AT_DropOf: quiet(AE, (_, table) => `makes ${table} a plain table`),
};

function since18({ draft }: CommandOn): boolean {
  return draft.view.serverVersion >= 180_000;
}

/** Whether it is enforced is a matter of triggers on both tables; whether it is deferred, of the triggers that are there. */
function alterConstraint(at: CommandAt): void {
  const { command, draft, table, mode } = at;
  const change = command.def && 'ATAlterConstraint' in command.def ? command.def.ATAlterConstraint : undefined;
  draft.say(`changes constraint ${quoteName(change?.conname ?? '')} of ${table.name}`);
  const key = foreignKey(at, change?.conname);
  if (!key || !change?.alterEnforceability) return;
  draft.lockTree(draft.known(key.references), mode, 'referenced by a foreign key');
  if (change.is_enforced) checkRows(at, draft.known(key.references));
}

function constraintOf(command: CommandOn['command']): Constraint | undefined {
  return command.def && 'Constraint' in command.def ? command.def.Constraint : undefined;
}

function foreignKey({ table }: CommandOn, name: string | undefined) {
  return table.catalog?.foreignKeys.find((key) => key.name === name);
}

const WORDS: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign key',
  CONSTR_UNIQUE: 'unique constraint',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_EXCLUSION: 'exclusion constraint',
  CONSTR_NOTNULL: 'not null',
};

function addConstraint(at: CommandAt): void {
  const { draft, table, command } = at;
  const constraint = constraintOf(command);
  if (!constraint) return;
  const { contype = 'CONSTR_CHECK', conname, skip_validation } = constraint;
  const name = conname ? ` ${quoteName(conname)}` : '';
  draft.say(
    `adds ${WORDS[contype] ?? 'constraint'}${name} to ${table.name}${skip_validation ? ', not valid yet' : ''}`,
  );
  switch (contype) {
    case 'CONSTR_FOREIGN':
      addForeignKey(at, constraint);
      return;
    case 'CONSTR_CHECK':
      // Since PostgreSQL 18 children are locked before it is known whether they get it.
      if (at.inTree && (!constraint.is_no_inherit || since18(at))) draft.lockTree(table, at.mode);
      if (!skip_validation && constraint.is_enforced !== false) {
        workOn(constraint.is_no_inherit ? { ...at, inTree: false } : at, 'scan');
      }
      return;
    case 'CONSTR_NOTNULL':
      if (at.inTree) draft.lockTree(table, at.mode);
      if (!skip_validation && !nameParts(constraint.keys).every((one) => isNotNull(at, one))) workOn(at, 'scan');
      return;
    default:
      addIndexed(at, constraint);
  }
}

function addForeignKey(at: CommandAt, constraint: Constraint): void {
  const { draft, table } = at;
  lockReferenced(draft, draft.named(constraint.pktable), null);
  if (table.catalog?.kind === 'partitioned table') draft.lockTree(table, at.mode);
  if (!constraint.skip_validation && constraint.is_enforced !== false) checkRows(at, draft.named(constraint.pktable));
}

/** UNIQUE, PRIMARY KEY and EXCLUDE: an index is built, unless one is given. A primary key makes its columns not null. */
function addIndexed(at: CommandAt, constraint: Constraint): void {
  const { draft, table } = at;
  const makesNotNull =
    constraint.contype === 'CONSTR_PRIMARY' && !nameParts(constraint.keys).every((one) => isNotNull(at, one));
  if (at.inTree && makesNotNull) draft.lockTree(table, at.mode);
  else if (table.catalog?.kind === 'partitioned table') draft.lockTree(table, since18(at) ? at.mode : 'SHARE');
  if (!constraint.indexname) {
    workOn(at, 'index build');
    return;
  }
  const index = table.catalog?.indexes.find(({ name }) => name === constraint.indexname);
  const columns = index?.columns ?? [];
  const proven = index !== undefined && columns.every((one) => one !== null && isNotNull(at, one));
  if (constraint.contype === 'CONSTR_PRIMARY' && !proven) workOn(at, 'scan');
}

function isNotNull({ table }: CommandOn, column: string): boolean {
  const known = table.catalog?.columns.find(({ name }) => name === column);
  return known?.notNull === true || impliesNotNull(table.catalog, column);
}

function validate(at: CommandAt): void {
  const { draft, table, command } = at;
  draft.say(`checks the rows of ${table.name} against ${quoteName(command.name ?? '')}`);
  const known = table.catalog?.constraints.find(({ name }) => name === command.name);
  if (known?.validated) return;
  const key = foreignKey(at, command.name);
  if (key) {
    draft.lock(draft.known(key.references), 'ROW SHARE', 'referenced by a foreign key');
    checkRows(at, draft.known(key.references));
    return;
  }
  if (at.inTree) draft.lockTree(table, at.mode);
  workOn(at, 'scan');
}

function dropConstraint(at: CommandAt): void {
  const { draft, table, command, mode } = at;
  const name = command.name;
  const isGone = command.missing_ok && table.catalog && !table.catalog.constraints.some((one) => one.name === name);
  draft.say(`drops constraint ${quoteName(name ?? '')} of ${table.name}${isGone ? ', which is not there' : ''}`);
  if (isGone) return;
  const known = table.catalog?.constraints.find((one) => one.name === name);
  if (at.inTree && (!known || known.kind === 'check' || table.catalog?.kind === 'partitioned table'))
    draft.lockTree(table, mode);
  const key = foreignKey(at, name);
  if (key) draft.lockTree(draft.known(key.references), mode, 'referenced by a foreign key');
  if (command.behavior !== 'DROP_CASCADE') return;
  const index = table.catalog?.indexes.find((one) => one.name === name);
  for (const other of referringByKey(at, index?.columns)) draft.lockTree(other, mode, 'has a foreign key to it');
}

/** Tables with a foreign key to just these columns; to any where they are not known. */
function referringByKey({ table, draft }: CommandAt, columns: readonly (string | null)[] | undefined): NamedTable[] {
  const all = referringTo(table.catalog, null, draft);
  if (!columns) return all;
  const wanted = columns.toSorted().join();
  return all.filter(({ catalog }) =>
    catalog?.foreignKeys.some(
      (key) => key.references === table.name && key.referencedColumns.toSorted().join() === wanted,
    ),
  );
}
