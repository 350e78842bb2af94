/** A new value of an enum is used in the transaction that has added it. */
import { nameFromParts, nameParts } from '../names.ts';
import { nodesOf } from '../parse-tree.ts';
import type { StatementContext, StatementRule } from '../rule.ts';
import { sameName } from '../schema-objects.ts';
import { NEXT_MIGRATION, steps } from '../steps.ts';

export const enumValueUsed: StatementRule = {
  name: 'enum-value-used',
  title: 'A new enum value is used in the same transaction',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The server refuses it: until the transaction has committed, an index could not say where the value stands.',
  check: (context) => {
    const { statement } = context;
    const added = addedValues(context);
    if (added.length === 0) return [];
    const used = new Set(nodesOf(statement.node, 'A_Const').flatMap(({ sval }) => (sval?.sval ? [sval.sval] : [])));
    return added
      .filter(({ value }) => used.has(value))
      .map(({ value, line }) => ({
        message: `'${value}' is used in the transaction that has added it in line ${line}`,
        instead: steps(NEXT_MIGRATION, statement.text),
      }));
  },
};

/** By ALTER TYPE earlier in the transaction; values of a type that it has made itself are free. */
function addedValues({ before }: StatementContext): { readonly value: string; readonly line: number }[] {
  const own = before.flatMap(({ node }) =>
    'CreateEnumStmt' in node ? [nameFromParts(nameParts(node.CreateEnumStmt.typeName))] : [],
  );
  return before.flatMap(({ node, line }) => {
    if (!('AlterEnumStmt' in node) || node.AlterEnumStmt.oldVal) return [];
    const type = nameFromParts(nameParts(node.AlterEnumStmt.typeName));
    return own.some((one) => sameName(one, type)) ? [] : [{ value: node.AlterEnumStmt.newVal ?? '', line }];
  });
}
