/** A column of type varchar(n). */
import { columnTypeRule } from '../column-type-rule.ts';
import { derivedName, quoteName, writtenName } from '../names.ts';
import type { NewColumn } from '../new-columns.ts';
import type { StatementContext } from '../rule.ts';
import { alter, NEXT_MIGRATION } from '../steps.ts';
import { isThere } from '../table-facts.ts';

export const varcharLimit = columnTypeRule({
  name: 'varchar-limit',
  title: 'A column of type varchar(n)',
  why: 'A shorter limit later on rewrites the table. A CHECK on a text column says the same, and can be replaced by another one without stopping anybody.',
  applies: ({ name, modifiers, isArray }) => name === 'character varying' && modifiers.length > 0 && !isArray,
  message: ({ modifiers }) => `varchar(${modifiers[0]}), whose limit is part of the type`,
  better: ({ modifiers }, column, context) =>
    isOfNewTable(column, context) ? `text CHECK (${limit(column, modifiers[0])})` : 'text',
  behind: ({ modifiers }, column, context) => {
    if (isOfNewTable(column, context)) return [];
    const name = quoteName(derivedName(column.table.name, column.name, 'length'));
    const table = writtenName(column.table);
    const check = alter(table, `ADD CONSTRAINT ${name} CHECK (${limit(column, modifiers[0])}) NOT VALID`);
    return [check, NEXT_MIGRATION, alter(table, `VALIDATE CONSTRAINT ${name}`)];
  },
});

function isOfNewTable({ table }: NewColumn, { statement, view }: StatementContext): boolean {
  return 'CreateStmt' in statement.node || !isThere(view, table);
}

function limit({ name }: NewColumn, length: number | undefined): string {
  return `char_length(${quoteName(name)}) <= ${length}`;
}
