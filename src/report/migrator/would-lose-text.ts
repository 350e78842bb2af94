/** What a rollback would lose, for a terminal: a line per migration, and below it what is counted. */
import type { SavedTable } from '../../model/migrator-event.ts';
import type { WouldBeLost } from '../../model/would-be-lost.ts';
import { oneLine } from '../printable.ts';

/** The last migration first, as they would be rolled back. Without a line break at its end. */
export function wouldLoseText(steps: readonly WouldBeLost[], rows: 'saved' | 'dropped unsaved' = 'saved'): string {
  if (steps.length === 0) return 'nothing to roll back: no migration is applied';
  const lines = steps.flatMap(({ migration: { version, name }, downPath, tables }) => [
    `${version}_${name} would be rolled back by ${downPath}${tables.length === 0 ? '; no row would be lost' : ', and lose:'}`,
    ...tables.map((table) => `    ${countText(table)}`),
  ]);
  const isAny = steps.some(({ tables }) => tables.length > 0);
  const fate = rows === 'saved' ? 'the rollback saves these rows first' : 'the rollback would not save these rows';
  return [...lines, '', `nothing was changed${isAny ? `; ${fate}` : ''}`].join('\n');
}

function countText({ table, rows, columns }: SavedTable): string {
  const count = `${oneLine(table)}: ${rows} ${rows === 1 ? 'row' : 'rows'}`;
  return columns ? `${count} with a value in ${oneLine(columns.join(', '))}` : count;
}
