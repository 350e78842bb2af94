/** SET and set_config of what migrate itself has set for the session. */
import type { Node } from 'libpg-query';
import type { SqlStatement } from '../../sql-statement.ts';
import { nameParts } from '../names.ts';
import { nodesOf } from '../parse-tree.ts';
import type { StatementRule } from '../rule.ts';

export const sessionSetting: StatementRule = {
  name: 'session-setting',
  title: 'A file changes a setting that migrate keeps',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Timeouts are what keeps readers from queueing behind a migration: migrate sets them by kind of statement and tries again. A changed role or search_path makes the same file do something else elsewhere.',
  check: ({ statement }) =>
    settingsIn(statement).flatMap(({ name, words }) => {
      const does = EFFECTS[name];
      return does ? [{ message: `${words} ${does}`, instead: null }] : [];
    }),
};

const FIGHTS = 'overrides how long migrate waits, and so how long others wait behind it';
const EFFECTS: Readonly<Record<string, string>> = {
  lock_timeout: FIGHTS,
  statement_timeout: FIGHTS,
  transaction_timeout: FIGHTS,
  idle_in_transaction_session_timeout: FIGHTS,
  deadlock_timeout: FIGHTS,
  client_connection_check_interval: 'keeps the server from noticing that migrate has died',
  search_path: 'makes names without a schema mean something else; write the schema out',
  role: 'makes what follows belong to somebody else',
  session_authorization: 'makes what follows belong to somebody else',
  session_replication_role: 'switches triggers and foreign keys off',
  all: 'removes the limits that migrate has set',
};

function settingsIn({ node }: SqlStatement): { readonly name: string; readonly words: string }[] {
  if ('VariableSetStmt' in node) {
    const { kind, name = '' } = node.VariableSetStmt;
    if (kind === 'VAR_RESET_ALL') return [{ name: 'all', words: 'RESET ALL' }];
    if (kind === 'VAR_RESET') return [{ name, words: `RESET ${name}` }];
    return [{ name: name.toLowerCase(), words: `SET ${name}` }];
  }
  const calls = 'SelectStmt' in node ? nodesOf(node, 'FuncCall') : [];
  return calls.flatMap(({ funcname, args }) => {
    const name = nameParts(funcname).at(-1) === 'set_config' ? textOf(args?.[0]) : undefined;
    return name === undefined ? [] : [{ name, words: `set_config('${name}', …)` }];
  });
}

function textOf(node: Node | undefined): string | undefined {
  return node && 'A_Const' in node ? node.A_Const.sval?.sval : undefined;
}
