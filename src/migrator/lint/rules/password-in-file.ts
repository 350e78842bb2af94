/** CREATE ROLE or ALTER ROLE with a password in the text. */
import type { Node } from 'libpg-query';
import type { StatementRule } from '../rule.ts';

export const passwordInFile: StatementRule = {
  name: 'password-in-file',
  title: 'A password stands in a file',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'It is the same on every database, it stays in version control for ever, and the server may write it into its log. Let whoever runs the server set it.',
  check: ({ statement }) => {
    const { node } = statement;
    const options: readonly Node[] =
      ('CreateRoleStmt' in node && node.CreateRoleStmt.options) ||
      ('AlterRoleStmt' in node && node.AlterRoleStmt.options) ||
      [];
    const given = options.flatMap((one) =>
      'DefElem' in one && one.DefElem.defname === 'password' ? [one.DefElem] : [],
    )[0];
    if (!given?.arg || !('String' in given.arg)) return [];
    return [{ at: given.location, message: 'the password of a role stands in the file', instead: null }];
  },
};
