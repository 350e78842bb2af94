/** One transaction that stops writers of more than one table in use. */
import { compareLockModes, type TableLock } from '../../../model/statement-effects.ts';
import type { StatementRule } from '../rule.ts';
import { NEXT_MIGRATION, steps } from '../steps.ts';

/** Tables that a foreign key names are locked with it and for a moment: no order of statements can avoid that. */
const OWN: readonly TableLock['because'][] = ['named', 'owner of the index', 'owner of the trigger'];

export const severalLocks: StatementRule = {
  name: 'several-locks',
  title: 'Several busy tables are locked in one transaction',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The first lock is held while the second is waited for, so one slow query on one table stops both. Two transactions that take the same locks in another order end in a deadlock.',
  check: ({ statement, effects, effectsBefore, runs }) => {
    if (runs === 'alone') return [];
    const held = effectsBefore.flatMap(({ line, locks }) => locks.filter(isStrong).map((lock) => ({ ...lock, line })));
    const fresh = effects.locks.filter(isStrong).filter(({ table }) => !held.some((one) => one.table === table));
    const [first] = held;
    const [second] = first ? fresh : [];
    if (!first || !second) return [];
    const message = `${second.mode} on ${second.table} is waited for while ${first.mode} on ${first.table} is held since line ${first.line}`;
    return [{ message, instead: steps(NEXT_MIGRATION, statement.text) }];
  },
};

function isStrong({ mode, because }: TableLock): boolean {
  return compareLockModes(mode, 'SHARE') >= 0 && OWN.includes(because);
}
