/**
 * Comments that allow what a rule finds: `-- drydock:allow <rule>[, <rule>]: <reason>` above a statement or behind it on its
 * line, `-- drydock:allow-file …` above the first statement for the whole file.
 */
import type { SqlFile } from '../sql-file.ts';
import type { SqlStatement } from '../sql-statement.ts';
import type { SourceText } from './source-text.ts';
import { isComment, wordsOf } from './words.ts';

export interface AllowComment {
  readonly kind: 'allow' | 'allow-file';
  readonly rules: readonly string[];
  /** Empty where none was given. */
  readonly reason: string;
  /** Byte offset of the comment in the file. */
  readonly at: number;
  /** The statement it is for; undefined: the whole file, or none follows. */
  readonly statement: SqlStatement | undefined;
  /** `misplaced`: for the whole file, but not at its head. */
  readonly place: 'right' | 'misplaced';
}

const COMMENT = /drydock:(allow-file|allow)\b([^:]*)(?::([\s\S]*))?$/;

export function allowComments(
  file: SqlFile,
  statements: readonly SqlStatement[],
  source: SourceText,
): readonly AllowComment[] {
  if (!file.sql.includes('drydock:allow')) return [];
  return commentsIn(file.sql).flatMap(({ text, start }) => {
    const match = COMMENT.exec(text.replace(/^--|^\/\*|\*\/$/g, '').trim());
    if (!match) return [];
    const [, kind, names = '', reason = ''] = match;
    const unit = source.unitAt(start);
    const rules = names.split(/[\s,]+/).filter((one) => one !== '');
    const isForFile = kind === 'allow-file';
    return [
      {
        kind: isForFile ? ('allow-file' as const) : ('allow' as const),
        rules,
        reason: reason.trim(),
        at: start,
        statement: isForFile ? undefined : governed(file.sql, statements, unit),
        place:
          isForFile && (statements[0]?.start ?? Number.POSITIVE_INFINITY) < unit
            ? ('misplaced' as const)
            : ('right' as const),
      },
    ];
  });
}

function commentsIn(sql: string): { readonly text: string; readonly start: number }[] {
  try {
    return wordsOf(sql).filter((word) => isComment(word) && word.text.includes('drydock:'));
  } catch {
    // What cannot be taken apart into words is reported as such.
    return [];
  }
}

/** The statement that ends on the comment's line before it, or that it stands in, or the next one. */
function governed(sql: string, statements: readonly SqlStatement[], unit: number): SqlStatement | undefined {
  const behind = statements.find(({ end }) => end <= unit && !sql.slice(end, unit).includes('\n'));
  return behind ?? statements.find(({ end }) => end > unit);
}
