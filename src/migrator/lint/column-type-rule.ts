/** Rules about the type of a new column: the same question with other types and other words. */
import type { Severity } from '../../model/lint.ts';
import { isSerial } from '../effects/type-names.ts';
import { quoteName, writtenName } from './names.ts';
import type { NewColumn } from './new-columns.ts';
import { newColumns } from './new-columns.ts';
import type { StatementContext, StatementRule } from './rule.ts';
import { steps } from './steps.ts';
import { type WrittenType, writtenType } from './written-type.ts';

export interface ColumnTypeRule {
  readonly name: string;
  readonly title: string;
  readonly severity?: Severity;
  readonly why: string;
  /** Whether it is about this column; serial types come with the integer behind them, see `isSerial`. */
  readonly applies: (type: WrittenType, column: NewColumn, context: StatementContext) => boolean;
  /** Behind `communication.messages.kind is `. */
  readonly message: (type: WrittenType, column: NewColumn) => string;
  /** In place of the type. */
  readonly better: (type: WrittenType, column: NewColumn, context: StatementContext) => string;
  /** Statements behind the one with the better type. Default: none. */
  readonly behind?: (type: WrittenType, column: NewColumn, context: StatementContext) => readonly string[];
}

/** The statement as written, with another type in it. */
export function columnTypeRule({ applies, message, better, behind, ...head }: ColumnTypeRule): StatementRule {
  return {
    severity: 'warning',
    ...head,
    scope: 'statement',
    files: 'up',
    check: (context) =>
      newColumns(context).flatMap((column) => {
        const type = writtenType(column.column.typeName);
        if (!applies(type, column, context)) return [];
        const at = column.column.typeName?.location;
        const words = `${writtenName(column.table)}.${quoteName(column.name)} is ${message(type, column)}`;
        const statement = replaceType(context, column, better(type, column, context));
        return [{ at, message: words, instead: steps(statement, ...(behind?.(type, column, context) ?? [])) }];
      }),
  };
}

export { isSerial };

/** Where the type's text ends is not in the tree: it is read from the source. */
const TYPE_TEXT =
  /^(?:national\s+)?(?:[\w$]+\.)?(?:double\s+precision|(?:character|char|bit)\s+varying|"[^"]+"|[\w$]+)(?:\s*\([^)]*\))?(?:\s+with(?:out)?\s+time\s+zone)?/i;

function replaceType({ source, statement }: StatementContext, { column }: NewColumn, text: string): string {
  const begin = source.byteAt(statement.start);
  const at = column.typeName?.location ?? begin;
  const before = statement.text.slice(0, source.unitAt(at) - statement.start);
  const behind = statement.text.slice(before.length).replace(TYPE_TEXT, text);
  return `${before}${behind}`;
}
