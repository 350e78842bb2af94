/** A SECURITY DEFINER function that looks names up by its caller's search_path. */
import type { CreateFunctionStmt, Node } from 'libpg-query';
import { nameFromParts, nameParts, quoteName, writtenName } from '../names.ts';
import type { StatementContext, StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';

export const definerWithoutSearchPath: StatementRule = {
  name: 'definer-without-search-path',
  title: 'SECURITY DEFINER without a search_path',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'It runs with the rights of its owner and finds its tables where its caller says. Whoever may make a table or a function in any schema can have it run their own with those rights.',
  check: (context) => {
    const { node } = context.statement;
    if (!('CreateFunctionStmt' in node) || !isOpen(node.CreateFunctionStmt) || isClosedLater(context)) return [];
    const name = nameFromParts(nameParts(node.CreateFunctionStmt.funcname));
    const home = name.schema === null ? 'pg_catalog' : quoteName(name.schema);
    const setting = `SET search_path = ${home}, pg_temp`;
    const hasBody = node.CreateFunctionStmt.sql_body !== undefined;
    const instead = hasBody
      ? steps(context.statement.text, `ALTER FUNCTION ${writtenName(name)} ${setting}`)
      : steps(`${context.statement.text}\n${setting}`);
    return [{ message: `${writtenName(name)} is SECURITY DEFINER and has no search_path of its own`, instead }];
  },
};

function isOpen({ options }: CreateFunctionStmt): boolean {
  const isDefiner = option(options, 'security').some((arg) => arg && 'Boolean' in arg && arg.Boolean.boolval === true);
  return isDefiner && !setsPath(options);
}

function setsPath(options: readonly Node[] | undefined): boolean {
  return option(options, 'set').some(
    (arg) => arg && 'VariableSetStmt' in arg && arg.VariableSetStmt.name === 'search_path',
  );
}

function option(options: readonly Node[] | undefined, name: string): (Node | undefined)[] {
  return (options ?? []).flatMap((one) => ('DefElem' in one && one.DefElem.defname === name ? [one.DefElem.arg] : []));
}

/** ALTER FUNCTION … SET search_path in the same transaction. */
function isClosedLater({ transaction, statement }: StatementContext): boolean {
  const own = 'CreateFunctionStmt' in statement.node ? nameParts(statement.node.CreateFunctionStmt.funcname) : [];
  return transaction.some(({ node, start }) => {
    if (start < statement.start || !('AlterFunctionStmt' in node)) return false;
    const { func, actions } = node.AlterFunctionStmt;
    return nameParts(func?.objname).join('.') === own.join('.') && setsPath(actions);
  });
}
