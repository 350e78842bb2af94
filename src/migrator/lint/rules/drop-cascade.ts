/** DROP … CASCADE. */
import { writtenName } from '../names.ts';
import { removedBy } from '../objects-removed.ts';
import type { StatementContext, StatementRule } from '../rule.ts';
import { objectWords, type Removed } from '../schema-objects.ts';
import { steps } from '../steps.ts';

export const dropCascade: StatementRule = {
  name: 'drop-cascade',
  title: 'DROP with CASCADE',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'It removes whatever hangs on the object, on this database and at that moment: views, foreign keys and functions of others too. Without it the server names what is in the way, and nothing is lost.',
  check: (context) => {
    const cascading = removedBy(context.statement).filter(({ cascades }) => cascades === 'yes');
    const theirs = cascading.filter((one) => !isNew(one, context));
    if (theirs.length === 0) return [];
    const message = `CASCADE also removes whatever hangs on ${theirs.map(objectWords).join(', ')}${known(theirs, context)}`;
    // In a mirror it is at least known whose objects they are.
    const severity = context.direction === 'down' ? ('warning' as const) : ('error' as const);
    return [{ message, severity, instead: steps(context.statement.text.replace(/\s+cascade\b(?=[^'"]*$)/i, '')) }];
  },
};

/** Made by the same plan, in a file that goes forward: nobody can have built on it. */
function isNew({ kind, name, table }: Removed, { view, direction }: StatementContext): boolean {
  if (direction === 'down') return false;
  const relation = table ?? (['TABLE', 'VIEW', 'MATERIALIZED VIEW'].includes(kind) ? name : undefined);
  return relation !== undefined && view.table(relation)?.origin === 'plan';
}

/** `, such as app.children`. */
function known(removed: readonly Removed[], { view }: StatementContext): string {
  const hanging = removed.flatMap(({ kind, name }) => {
    const table = kind === 'TABLE' || kind === 'VIEW' ? view.table(name) : undefined;
    const inSchema = kind === 'SCHEMA' ? view.tablesOf(name.name).map((one) => one.name) : [];
    return [...(table?.referencedBy ?? []), ...(table?.readBy ?? []), ...inSchema];
  });
  const own = removed.map(({ name }) => writtenName(name));
  const others = [...new Set(hanging)].filter((one) => !own.includes(one)).sort();
  return others.length === 0 ? '' : `, such as ${others.slice(0, 3).join(', ')}`;
}
