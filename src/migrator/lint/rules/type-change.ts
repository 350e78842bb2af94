/** ALTER COLUMN … TYPE that writes the table anew or reads all of it. */
import type { AlterTableCmd, ColumnDef } from 'libpg-query';
import type { CatalogTable, CatalogView } from '../../effects/catalog-view.ts';
import { typeChange } from '../../effects/type-change.ts';
import { typeText } from '../../effects/type-names.ts';
import { alterTableCommandsOf } from '../alter-commands.ts';
import type { StatementRule } from '../rule.ts';
import { shadowColumnSteps } from '../shadow-column.ts';
import { columnOf, isThere, tableWords } from '../table-facts.ts';

export const typeChangeRule: StatementRule = {
  name: 'type-change',
  title: 'The type of a column is changed',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Where the old values do not fit the new type as they are stored, the table and its indexes are written anew, and nobody can read or write until that is done.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_AlterColumnType').flatMap(({ table, command, at }) => {
      const column = definitionOf(command);
      const name = command.name ?? '';
      const known = view.table(table);
      const old = columnOf(known, name)?.type;
      const does = isThere(view, table) ? verbFor({ name, column, known, view }) : undefined;
      if (!does) return [];
      const from = old === undefined ? '' : ` from ${old}`;
      const message = `ALTER COLUMN ${name} TYPE ${typeText(column?.typeName)}${from} ${does} ${tableWords(view, table)} under ACCESS EXCLUSIVE`;
      const cast = isPlain(name, column) ? typeText(column?.typeName) : undefined;
      const instead =
        cast === undefined ? null : shadowColumnSteps(table, { from: name, to: `${name}_new`, type: cast });
      return [{ at, message, instead, ...(old === undefined ? { severity: 'warning' as const } : {}) }];
    }),
};

interface Change {
  readonly name: string;
  readonly column: ColumnDef | undefined;
  readonly known: CatalogTable | undefined;
  readonly view: CatalogView;
}

/** Undefined where the stored values stay as they are, and the indexes too. */
function verbFor({ name, column, known, view }: Change): string | undefined {
  const from = columnOf(known, name)?.type;
  const to = typeText(column?.typeName);
  const { rows, indexes } = typeChange({ from, to, column: name, using: column?.raw_default, view });
  if (rows === 'rewrite') return from === undefined ? 'may rewrite' : 'rewrites';
  const isIndexed = known?.indexes.some(({ columns }) => columns.includes(name) || columns.includes(null));
  return indexes === 'built' && isIndexed ? 'builds the indexes anew of' : undefined;
}

function definitionOf({ def }: AlterTableCmd): ColumnDef | undefined {
  return def && 'ColumnDef' in def ? def.ColumnDef : undefined;
}

/** Without USING, or USING a cast of the column itself. */
function isPlain(name: string, column: ColumnDef | undefined): boolean {
  const using = column?.raw_default;
  if (!using) return true;
  const value = 'TypeCast' in using ? using.TypeCast.arg : using;
  const field = value && 'ColumnRef' in value ? value.ColumnRef.fields?.[0] : undefined;
  return field !== undefined && 'String' in field && field.String.sval === name;
}
