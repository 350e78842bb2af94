/** A mark `drydock:no-transaction` that `migrate` does not read: behind the first statement, or with other words beside it. */
import { transactionMode } from '../../transaction-control.ts';
import type { FileContent, MigrationRule, RaisedInMigration } from '../rule.ts';
import { isComment, wordsOf } from '../words.ts';

const NAME = /drydock:no-transaction/i;

export const noTransactionMark: MigrationRule = {
  name: 'no-transaction-mark',
  title: 'The mark for no transaction stands where nobody reads it',
  severity: 'error',
  scope: 'migration',
  why: 'The file is run as if the mark were not there: in one transaction, which holds its locks to the end and which the author did not want.',
  check: ({ up, down }) => [...unread(up, 'up'), ...(down ? unread(down, 'down') : [])],
};

/** A mark that is read says it for the whole file; a second one changes nothing. */
function unread({ file, source, statements }: FileContent, direction: 'up' | 'down'): RaisedInMigration[] {
  const [first] = statements;
  if (!first || !NAME.test(file.sql) || transactionMode(file) === 'none') return [];
  return marksIn(file.sql).map((at) => {
    const unit = source.unitAt(at);
    const statement = statements.find(({ end }) => end > unit) ?? statements.at(-1)!;
    const where =
      unit < first.start
        ? 'is not alone on its line, as `-- drydock:no-transaction`'
        : 'does not stand above the first statement';
    return {
      direction,
      statement,
      at,
      message: `the mark drydock:no-transaction ${where}: it is not read`,
      instead: null,
    };
  });
}

/** Byte offsets of the comments that hold it. */
function marksIn(sql: string): number[] {
  return wordsOf(sql).flatMap((word) => (isComment(word) && NAME.test(word.text) ? [word.start] : []));
}
