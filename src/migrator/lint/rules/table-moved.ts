/** A table or an index moves to another tablespace, or to another access method. */
import { commandsOf } from '../alter-commands.ts';
import { quoteName, writtenName } from '../names.ts';
import type { Raised, StatementContext, StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const tableMoved: StatementRule = {
  name: 'table-moved',
  title: 'A table moves to another tablespace or access method',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every block is copied, and nobody can read or write until that is done. An index can be built in its new place beside the old one.',
  check: (context) => {
    const { node } = context.statement;
    if (!('AlterTableStmt' in node)) return [];
    const moves = commandsOf(node.AlterTableStmt, context).filter(
      ({ command }) => command.subtype === 'AT_SetTableSpace' || command.subtype === 'AT_SetAccessMethod',
    );
    const isIndex = node.AlterTableStmt.objtype === 'OBJECT_INDEX';
    return moves.flatMap(({ table, command, at }) =>
      isIndex ? ofIndex(context, writtenName(table), command.name ?? '', at) : ofTable(context, table, { command, at }),
    );
  },
};

type Move = { readonly command: { readonly subtype?: string; readonly name?: string }; readonly at: number };

function ofTable({ view }: StatementContext, table: Parameters<typeof tableWords>[1], { command, at }: Move): Raised[] {
  if (!isThere(view, table)) return [];
  const words = command.subtype === 'AT_SetTableSpace' ? 'SET TABLESPACE copies' : 'SET ACCESS METHOD rewrites';
  return [{ at, message: `${words} ${tableWords(view, table)} under ACCESS EXCLUSIVE`, instead: null }];
}

function ofIndex({ view, statement }: StatementContext, index: string, place: string, at: number): Raised[] {
  const { node } = statement;
  const relation = 'AlterTableStmt' in node ? node.AlterTableStmt.relation : undefined;
  const table = view.tableOfIndex({ schema: relation?.schemaname ?? null, name: relation?.relname ?? '' });
  if (table?.origin === 'plan') return [];
  const message = `SET TABLESPACE copies ${index} while it is locked with ACCESS EXCLUSIVE`;
  return [{ at, message, instead: steps(`REINDEX (CONCURRENTLY, TABLESPACE ${quoteName(place)}) INDEX ${index}`) }];
}
