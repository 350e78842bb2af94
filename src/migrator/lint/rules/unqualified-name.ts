/** A new or altered object without a schema, where the migrations own several. */
import type { Node, RangeVar } from 'libpg-query';
import { nameParts, quoteName } from '../names.ts';
import type { StatementContext, StatementRule } from '../rule.ts';

export const unqualifiedName: StatementRule = {
  name: 'unqualified-name',
  title: 'A name without a schema',
  severity: 'warning',
  scope: 'statement',
  files: 'both',
  why: 'The search_path of whoever runs it decides where the object is made or looked for. These migrations own several schemas, so that is not the same for everybody.',
  check: (context) => {
    const { statement, schemas } = context;
    if (schemas.length < 2) return [];
    const relation = targetOf(statement.node);
    if (relation && !relation.schemaname && relation.relpersistence !== 't') {
      const message = `${relation.relname} is named without its schema, and ${schemas.length} schemas are owned: ${schemas.join(', ')}`;
      return [{ at: relation.location, message, instead: qualified(context, relation) }];
    }
    const made = 'CreateFunctionStmt' in statement.node ? nameParts(statement.node.CreateFunctionStmt.funcname) : [];
    if (made.length !== 1) return [];
    return [
      {
        message: `the function ${made[0]} is made without a schema, and ${schemas.length} are owned: ${schemas.join(', ')}`,
        instead: null,
      },
    ];
  },
};

function targetOf(node: Node): RangeVar | undefined {
  if ('CreateStmt' in node) return node.CreateStmt.relation;
  if ('IndexStmt' in node) return node.IndexStmt.relation;
  if ('AlterTableStmt' in node) return node.AlterTableStmt.relation;
  if ('ViewStmt' in node) return node.ViewStmt.view;
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.sequence;
  if ('CreateTrigStmt' in node) return node.CreateTrigStmt.relation;
  if ('UpdateStmt' in node) return node.UpdateStmt.relation;
  if ('DeleteStmt' in node) return node.DeleteStmt.relation;
  if ('InsertStmt' in node) return node.InsertStmt.relation;
  return 'RenameStmt' in node ? node.RenameStmt.relation : undefined;
}

/** As written, in the schema where it is, else in the first that is owned. */
function qualified({ statement, source, schemas, view }: StatementContext, relation: RangeVar): string | null {
  if (relation.location === undefined) return null;
  const name = { schema: null, name: relation.relname ?? '' };
  const home = schemas.find((schema) => view.table({ ...name, schema })) ?? schemas[0]!;
  const at = source.unitAt(relation.location) - statement.start;
  return `${statement.text.slice(0, at)}${quoteName(home)}.${statement.text.slice(at)};`;
}
