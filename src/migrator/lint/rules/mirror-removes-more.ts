/** A down file that removes something its up file has not made. */
import { objectsMade } from '../objects-made.ts';
import { removedBy } from '../objects-removed.ts';
import { renamed, renameOf } from '../objects-renamed.ts';
import type { MigrationRule } from '../rule.ts';
import {
  type Made,
  objectKey,
  objectWords,
  type Removed,
  type SchemaObject,
  sameName,
  sameObject,
} from '../schema-objects.ts';
import { isOpaque } from './mirror-incomplete.ts';

export const mirrorRemovesMore: MigrationRule = {
  name: 'mirror-removes-more',
  title: 'A mirror removes what its migration did not make',
  severity: 'error',
  scope: 'migration',
  why: 'A rollback then takes away what an earlier migration, or somebody else, has made, with its rows.',
  check: ({ up, down, madeBefore }) => {
    if (!down || isOpaque(up)) return [];
    const statements = down.statements;
    const back = objectsMade(statements);
    const dropped = up.statements.flatMap(removedBy);
    let made: readonly Made[] = objectsMade(up.statements);
    return statements.flatMap((statement, index) => {
      const madeSoFar = made;
      made = renamed(made, statement.node);
      const removed = removedBy(statement);
      if (removed.length === 0) return [];
      const own = [...madeSoFar, ...objectsMade(statements.slice(0, index))];
      const foreign = removed.filter((one) => {
        const mine = own.find((candidate) => sameObject(candidate, one));
        if (mine) return mine.made === 'if needed' && madeBefore.has(objectKey(one)) && !isIn(back, one);
        const before = namesBefore(one, statements.slice(0, index));
        return (
          counts(one, madeBefore) &&
          !hangsOn(one, [...own, ...dropped]) &&
          ![one, ...before].some((other) => isIn(back, other))
        );
      });
      if (foreign.length === 0) return [];
      const message = `the mirror removes ${foreign.map(objectWords).join(', ')}, which ${up.file.path} does not make`;
      return [{ direction: 'down' as const, statement, message, instead: null }];
    });
  },
};

/** Constraints, indexes and sequences also come into being without being named: those count only where a file has named them. */
function counts(one: Removed, madeBefore: ReadonlySet<string>): boolean {
  return !['CONSTRAINT', 'INDEX', 'SEQUENCE'].includes(one.kind) || madeBefore.has(objectKey(one));
}

function hangsOn({ table }: Removed, others: readonly SchemaObject[]): boolean {
  return table !== undefined && others.some(({ kind, name }) => kind === 'TABLE' && sameName(name, table));
}

function isIn(objects: readonly SchemaObject[], one: SchemaObject): boolean {
  return objects.some((other) => sameObject(other, one));
}

/** The name that the mirror has taken from it before: dropped as `state_old`, it was `state`. */
function namesBefore(one: Removed, statements: Parameters<typeof objectsMade>[0]): SchemaObject[] {
  return statements.flatMap(({ node }) => {
    const rename = renameOf(node);
    return rename && rename.to === one.name.name && rename.from.kind === one.kind ? [rename.from] : [];
  });
}
