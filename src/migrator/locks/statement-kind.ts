/**
 * The kind of one statement inside a transaction by its parse tree alone: the answer where no catalog was asked. It errs to
 * the side of `blocking`, which only means to wait briefly and to come back.
 */
import type { AlterTableStmt, CreateStmt, Node, RangeVar } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';
import type { PartKind } from './part-kind.ts';

const DATA = [
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'SelectStmt',
  'CallStmt',
  'DoStmt',
  'ExecuteStmt',
  'ExplainStmt',
  'CreateTableAsStmt',
];

/** They make something new or write to the catalog; nobody who reads or writes a table waits for them. */
const FREE = [
  'CreateSchemaStmt',
  'CreateFunctionStmt',
  'CreateEnumStmt',
  'CreateDomainStmt',
  'CreateRangeStmt',
  'CompositeTypeStmt',
  'CreateSeqStmt',
  'CreateExtensionStmt',
  'CreateRoleStmt',
  'CreateStatsStmt',
  'DefineStmt',
  'CommentStmt',
  'GrantStmt',
  'GrantRoleStmt',
  'AlterDefaultPrivilegesStmt',
  'AlterRoleStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'AlterEnumStmt',
];

/** `made`: tables that the transaction has made so far, as `tablesMade` names them. */
export function kindOfText({ node, kind }: SqlStatement, made: ReadonlySet<string>): PartKind {
  if (DATA.includes(kind)) return 'data';
  if (FREE.includes(kind)) return 'free';
  if ('CreateStmt' in node) return locksOthers(node.CreateStmt, made) ? 'blocking' : 'free';
  if ('IndexStmt' in node) return isMade(node.IndexStmt.relation, made) ? 'free' : 'blocking';
  if ('ViewStmt' in node) return node.ViewStmt.replace ? 'blocking' : 'free';
  if ('VacuumStmt' in node) return 'patient';
  if ('AlterTableStmt' in node) return kindOfAlter(node.AlterTableStmt, made);
  if ('CreateTrigStmt' in node) return isMade(node.CreateTrigStmt.relation, made) ? 'free' : 'blocking';
  return 'blocking';
}

/** `schema.name`, as written. */
export function tablesMade(node: Node): string[] {
  if ('CreateStmt' in node && !node.CreateStmt.if_not_exists) return [keyOf(node.CreateStmt.relation)];
  if ('CreateTableAsStmt' in node) return [keyOf(node.CreateTableAsStmt.into?.rel)];
  return [];
}

function kindOfAlter(statement: AlterTableStmt, made: ReadonlySet<string>): PartKind {
  const commands = (statement.cmds ?? []).flatMap((one) => ('AlterTableCmd' in one ? [one.AlterTableCmd] : []));
  if (commands.every(({ subtype }) => subtype === 'AT_ValidateConstraint')) return 'patient';
  if (!isMade(statement.relation, made)) return 'blocking';
  const plain = commands.every(({ subtype, def }) => subtype !== 'AT_AttachPartition' && namesNoOther(def, made));
  return plain ? 'free' : 'blocking';
}

/** A new table locks the tables that its foreign keys, its parents and LIKE name. */
function locksOthers(create: CreateStmt, made: ReadonlySet<string>): boolean {
  const parents = (create.inhRelations ?? []).some((one) => 'RangeVar' in one && !isMade(one.RangeVar, made));
  return (
    parents || ![...(create.tableElts ?? []), ...(create.constraints ?? [])].every((one) => namesNoOther(one, made))
  );
}

/** Of a column or a constraint. */
function namesNoOther(node: Node | undefined, made: ReadonlySet<string>): boolean {
  if (!node) return true;
  if ('Constraint' in node)
    return node.Constraint.contype !== 'CONSTR_FOREIGN' || isMade(node.Constraint.pktable, made);
  if ('ColumnDef' in node) return (node.ColumnDef.constraints ?? []).every((one) => namesNoOther(one, made));
  return true;
}

function isMade(relation: RangeVar | undefined, made: ReadonlySet<string>): boolean {
  return made.has(keyOf(relation));
}

function keyOf(relation: RangeVar | undefined): string {
  return `${relation?.schemaname ?? ''}.${relation?.relname ?? ''}`;
}
