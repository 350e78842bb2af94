/** A constraint on an index that was built CONCURRENTLY before. */
import type { Constraint } from 'libpg-query';
import type { ObjectName } from '../statement-kinds.ts';
import { nameList, nameParts, quoteName, writtenName } from './names.ts';
import { alter, steps } from './steps.ts';

export interface IndexConstraint {
  readonly kind: 'UNIQUE' | 'PRIMARY KEY';
  readonly name: string;
  readonly constraint: Constraint;
}

export function usingIndexSteps(table: ObjectName, { kind, name, constraint }: IndexConstraint): string {
  const written = writtenName(table);
  const included = nameParts(constraint.including);
  const build = [
    `CREATE UNIQUE INDEX CONCURRENTLY ${quoteName(name)} ON ${written} (${nameList(nameParts(constraint.keys))})`,
    included.length > 0 ? ` INCLUDE (${nameList(included)})` : '',
    constraint.nulls_not_distinct ? ' NULLS NOT DISTINCT' : '',
  ].join('');
  const add = [
    `ADD CONSTRAINT ${quoteName(name)} ${kind} USING INDEX ${quoteName(name)}`,
    constraint.deferrable ? ' DEFERRABLE' : '',
    constraint.initdeferred ? ' INITIALLY DEFERRED' : '',
  ].join('');
  return steps(build, alter(written, add));
}
