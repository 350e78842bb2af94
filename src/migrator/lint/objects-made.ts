/** What the statements of a file make. What a DO block or a function makes is not seen. */
import type { AlterTableStmt, Constraint, CreateStmt, Node } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';
import { nameOf, type ObjectName } from '../statement-kinds.ts';
import { nameFromParts, nameParts } from './names.ts';
import { removedBy } from './objects-removed.ts';
import { renamed } from './objects-renamed.ts';
import { nodesOf } from './parse-tree.ts';
import { type Made, objectKey, type SchemaObject, sameName, sameObject } from './schema-objects.ts';

/** What is there of it behind the last statement: made and removed again is not made. */
export function objectsMade(statements: readonly SqlStatement[]): readonly Made[] {
  const objects = known.get(statements) ?? readObjectsMade(statements);
  known.set(statements, objects);
  return objects;
}

/** By the list: several rules ask about the same file. */
const known = new WeakMap<readonly SqlStatement[], readonly Made[]>();

function readObjectsMade(statements: readonly SqlStatement[]): readonly Made[] {
  return statements.reduce<readonly Made[]>((made, statement) => {
    const removed = removedBy(statement);
    const left = made.filter((one) => !removed.some((gone) => sameObject(gone, one) || sameName(gone.name, one.table)));
    const fresh = objectsOf(statement.node).map((object) => ({ made: 'surely' as const, ...object, statement }));
    return withoutTakenOver([...renamed(left, statement.node), ...fresh], statement.node);
  }, []);
}

export function objectsMadeBy(statements: readonly SqlStatement[]): string[] {
  return objectsMade(statements).map(objectKey);
}

type Found = SchemaObject & Partial<Pick<Made, 'made'>>;

function objectsOf(node: Node): Found[] {
  if ('CreateSchemaStmt' in node) {
    const name = { schema: null, name: node.CreateSchemaStmt.schemaname ?? '' };
    return [{ kind: 'SCHEMA', name, ...ifNeeded(node.CreateSchemaStmt.if_not_exists) }];
  }
  if ('CreateStmt' in node) return tableOf(node.CreateStmt);
  if ('CreateTableAsStmt' in node) {
    const { objtype, into, if_not_exists } = node.CreateTableAsStmt;
    const kind = objtype === 'OBJECT_MATVIEW' ? 'MATERIALIZED VIEW' : 'TABLE';
    return [{ kind, name: nameOf(into?.rel), ...ifNeeded(if_not_exists) }];
  }
  if ('IndexStmt' in node) {
    const { idxname, relation, if_not_exists, indexParams, whereClause } = node.IndexStmt;
    if (!idxname) return [];
    const keys = (indexParams ?? []).flatMap((one) => ('IndexElem' in one ? [one.IndexElem.name ?? ''] : []));
    const columns = [...keys, ...columnsIn([indexParams, whereClause])];
    const name = { schema: relation?.schemaname ?? null, name: idxname };
    return [{ kind: 'INDEX', name, table: nameOf(relation), columns, ...ifNeeded(if_not_exists) }];
  }
  if ('AlterTableStmt' in node) return partsOf(node.AlterTableStmt);
  return smallObjects(node);
}

function smallObjects(node: Node): Found[] {
  if ('ViewStmt' in node)
    return [{ kind: 'VIEW', name: nameOf(node.ViewStmt.view), ...ifNeeded(node.ViewStmt.replace) }];
  if ('CreateSeqStmt' in node) {
    const { sequence, if_not_exists, options } = node.CreateSeqStmt;
    return [{ kind: 'SEQUENCE', name: nameOf(sequence), table: ownerIn(options), ...ifNeeded(if_not_exists) }];
  }
  if ('CreateFunctionStmt' in node) {
    const { funcname, replace } = node.CreateFunctionStmt;
    return [{ kind: 'FUNCTION', name: nameFromParts(nameParts(funcname)), ...ifNeeded(replace) }];
  }
  const type =
    ('CreateEnumStmt' in node && node.CreateEnumStmt.typeName) ||
    ('CreateDomainStmt' in node && node.CreateDomainStmt.domainname) ||
    ('CreateRangeStmt' in node && node.CreateRangeStmt.typeName);
  if (type) return [{ kind: 'TYPE', name: nameFromParts(nameParts(type)) }];
  if ('CompositeTypeStmt' in node) return [{ kind: 'TYPE', name: nameOf(node.CompositeTypeStmt.typevar) }];
  return onTables(node);
}

function onTables(node: Node): Found[] {
  const alone = (name: string | undefined): ObjectName => ({ schema: null, name: name ?? '' });
  if ('CreateTrigStmt' in node) {
    const { trigname, relation, replace } = node.CreateTrigStmt;
    return [{ kind: 'TRIGGER', name: alone(trigname), table: nameOf(relation), ...ifNeeded(replace) }];
  }
  if ('CreatePolicyStmt' in node) {
    return [
      { kind: 'POLICY', name: alone(node.CreatePolicyStmt.policy_name), table: nameOf(node.CreatePolicyStmt.table) },
    ];
  }
  if (!('RuleStmt' in node)) return [];
  const { rulename, relation, replace } = node.RuleStmt;
  return [{ kind: 'RULE', name: alone(rulename), table: nameOf(relation), ...ifNeeded(replace) }];
}

function tableOf({ relation, if_not_exists }: CreateStmt): Found[] {
  return relation?.relpersistence === 't'
    ? []
    : [{ kind: 'TABLE', name: nameOf(relation), ...ifNeeded(if_not_exists) }];
}

/** New columns, and constraints that have a name. */
function partsOf({ relation, cmds, objtype }: AlterTableStmt): Found[] {
  if (objtype !== 'OBJECT_TABLE') return [];
  const table = nameOf(relation);
  return (cmds ?? []).flatMap((one): Found[] => {
    if (!('AlterTableCmd' in one)) return [];
    const { subtype, def, missing_ok } = one.AlterTableCmd;
    if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) {
      const name = { schema: null, name: def.ColumnDef.colname ?? '' };
      return [{ kind: 'COLUMN', name, table, ...ifNeeded(missing_ok) }];
    }
    if (subtype !== 'AT_AddConstraint' || !def || !('Constraint' in def) || !def.Constraint.conname) return [];
    const { conname, keys, fk_attrs, raw_expr } = def.Constraint;
    const columns = [...nameParts(keys), ...nameParts(fk_attrs), ...columnsIn(raw_expr)];
    return [{ kind: 'CONSTRAINT', name: { schema: null, name: conname }, table, columns }];
  });
}

function columnsIn(tree: unknown): string[] {
  return nodesOf(tree, 'ColumnRef').flatMap(({ fields }) => nameParts(fields).slice(-1));
}

function ifNeeded(said: boolean | undefined): Pick<Made, 'made'> {
  return { made: said ? 'if needed' : 'surely' };
}

/** `OWNED BY app.t.id`: it goes with that table. */
function ownerIn(options: readonly Node[] | undefined): ObjectName | undefined {
  for (const one of options ?? []) {
    if (!('DefElem' in one) || one.DefElem.defname !== 'owned_by') continue;
    const list = one.DefElem.arg;
    const parts = list && 'List' in list ? nameParts(list.List.items) : [];
    if (parts.length > 1) return nameFromParts(parts.slice(0, -1));
  }
  return undefined;
}

/** An index that a constraint has taken over is the constraint's. */
function withoutTakenOver(made: readonly Made[], node: Node): readonly Made[] {
  if (!('AlterTableStmt' in node)) return made;
  const taken = (node.AlterTableStmt.cmds ?? []).flatMap((one) => {
    const def = 'AlterTableCmd' in one ? one.AlterTableCmd.def : undefined;
    const constraint: Constraint | undefined = def && 'Constraint' in def ? def.Constraint : undefined;
    return constraint?.indexname ? [constraint.indexname] : [];
  });
  return made.filter(({ kind, name }) => kind !== 'INDEX' || !taken.includes(name.name));
}
