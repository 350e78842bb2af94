/** The columns that CREATE TABLE and ADD COLUMN make: their types, their constraints, and the text of each. */
import type { ColumnDef, Constraint, Node } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';
import { nameOf, type ObjectName } from '../statement-kinds.ts';
import { type AlterCommand, alterTableCommandsOf } from './alter-commands.ts';
import type { StatementContext } from './rule.ts';

type Where = Pick<StatementContext, 'statement' | 'source'>;

export interface NewColumn {
  readonly table: ObjectName;
  readonly name: string;
  readonly column: ColumnDef;
  readonly constraints: readonly Constraint[];
  /** Byte offset of its name in the file. */
  readonly at: number | undefined;
}

export interface AddedColumn extends NewColumn {
  readonly command: AlterCommand;
  /** Name and type as written, with the constraints that `keep` takes: `edited_at timestamptz DEFAULT now()`. */
  textWith(keep: (constraint: Constraint) => boolean): string;
  /** One of its constraints as written: `CHECK (a > 0)`. */
  textOf(constraint: Constraint): string;
}

/** Many rules ask for those of the same statement. */
const known = new WeakMap<SqlStatement, readonly NewColumn[]>();

/** Of CREATE TABLE and of ADD COLUMN. */
export function newColumns(where: Where): readonly NewColumn[] {
  const columns = known.get(where.statement) ?? readNewColumns(where);
  known.set(where.statement, columns);
  return columns;
}

function readNewColumns(where: Where): readonly NewColumn[] {
  const { node } = where.statement;
  if (!('CreateStmt' in node)) return addedColumns(where);
  const table = nameOf(node.CreateStmt.relation);
  return (node.CreateStmt.tableElts ?? []).flatMap((one) =>
    'ColumnDef' in one ? [newColumn(table, one.ColumnDef)] : [],
  );
}

export function addedColumns(where: Where): readonly AddedColumn[] {
  return alterTableCommandsOf(where, 'AT_AddColumn').flatMap((command) => {
    const definition = command.command.def;
    return definition && 'ColumnDef' in definition ? [addedColumn(where, command, definition.ColumnDef)] : [];
  });
}

export function constraintOf(
  { constraints }: Pick<NewColumn, 'constraints'>,
  ...kinds: Constraint['contype'][]
): Constraint | undefined {
  return constraints.find(({ contype }) => kinds.includes(contype));
}

function newColumn(table: ObjectName, column: ColumnDef): NewColumn {
  const constraints = constraintsIn(column.constraints);
  return { table, name: column.colname ?? '', column, constraints, at: column.location };
}

function constraintsIn(nodes: readonly Node[] | undefined): Constraint[] {
  return (nodes ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
}

function addedColumn({ source }: Where, command: AlterCommand, column: ColumnDef): AddedColumn {
  const made = newColumn(command.table, column);
  const starts = made.constraints.map(({ location }) => location ?? command.end);
  const endOf = (constraint: Constraint): number =>
    Math.min(command.end, ...starts.filter((start) => start > (constraint.location ?? command.end)));
  const textOf = (constraint: Constraint): string =>
    source.slice(constraint.location ?? command.end, endOf(constraint));
  const head = source.slice(column.location ?? command.at, Math.min(command.end, ...starts));
  const textWith = (keep: (constraint: Constraint) => boolean): string =>
    [head, ...made.constraints.filter(keep).map(textOf)].join(' ');
  return { ...made, command, textOf, textWith };
}
