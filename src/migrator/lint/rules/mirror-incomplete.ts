/** A down file that leaves something of what its up file makes, or does not bring back what it drops. */
import { objectsMade } from '../objects-made.ts';
import { removedBy } from '../objects-removed.ts';
import { renamed } from '../objects-renamed.ts';
import type { FileContent, MigrationContext, MigrationRule, RaisedInMigration } from '../rule.ts';
import {
  dropText,
  type Made,
  objectKey,
  objectWords,
  type Removed,
  type SchemaObject,
  sameName,
  sameObject,
} from '../schema-objects.ts';
import { steps } from '../steps.ts';

export const mirrorIncomplete: MigrationRule = {
  name: 'mirror-incomplete',
  title: 'A mirror leaves or loses something',
  severity: 'error',
  scope: 'migration',
  why: 'After a rollback the schema is not what it was: what was made is still there, so the migration fails when it is applied again, or what was dropped stays away.',
  check: ({ up, down, madeBefore }) => {
    if (!down || isOpaque(down)) return [];
    return [...leftBehind(up, down, madeBefore), ...notBroughtBack(up, down)];
  },
};

/** What it does cannot be read from its text. */
export function isOpaque({ statements }: FileContent): boolean {
  return statements.some(({ kind }) => ['DoStmt', 'CallStmt', 'SelectStmt', 'DropOwnedStmt'].includes(kind));
}

function leftBehind(
  up: FileContent,
  down: FileContent,
  madeBefore: MigrationContext['madeBefore'],
): RaisedInMigration[] {
  const restored = new Set(objectsMade(down.statements).map(objectKey));
  const wasThere = (one: Made): boolean =>
    one.made === 'if needed' && (madeBefore.has(objectKey(one)) || restored.has(objectKey(one)));
  const left = withoutRemoved(objectsMade(up.statements), down).filter((one) => !wasThere(one));
  return [...new Set(left.map(({ statement }) => statement))].map((statement) => {
    const objects = left.filter((one) => one.statement === statement);
    const message = `${wordsFor(up, down)} does not remove ${objects.map(objectWords).join(', ')}`;
    return {
      direction: 'up',
      statement,
      message,
      instead: steps('-- in the mirror:', ...objects.reverse().map(dropText)),
    };
  });
}

/** Under the names that the mirror gives them before it removes them. */
function withoutRemoved(made: readonly Made[], down: FileContent): readonly Made[] {
  return down.statements.reduce((left, statement) => {
    const removed = removedBy(statement);
    const kept = left.filter((one) => !removed.some((gone) => sameObject(gone, one) || goesWith(one, gone)));
    return renamed(kept, statement.node);
  }, made);
}

/** With its table, with one of its columns, with its schema, or with anything that is dropped with what hangs on it. */
function goesWith(made: Made, { kind, name, table, cascades }: Removed): boolean {
  if (kind === 'TABLE' && sameName(name, made.table)) return true;
  if (kind === 'COLUMN' && sameName(table, made.table))
    return made.columns?.includes(name.name) ?? made.kind === 'CONSTRAINT';
  if (cascades === 'no') return false;
  if (kind === 'SCHEMA') return [made.name.schema, made.table?.schema].includes(name.name);
  return !['SCHEMA', 'TABLE', 'TYPE', 'FUNCTION', 'SEQUENCE'].includes(made.kind);
}

/** Constraints and sequences also come back without being named. */
const NAMED_ALWAYS: readonly Removed['kind'][] = [
  'TABLE',
  'VIEW',
  'MATERIALIZED VIEW',
  'TYPE',
  'FUNCTION',
  'COLUMN',
  'TRIGGER',
];

function notBroughtBack(up: FileContent, down: FileContent): RaisedInMigration[] {
  const back = objectsMade(down.statements);
  const all = [...up.statements, ...down.statements];
  const lastName = (one: Removed, index: number): SchemaObject =>
    all.slice(index + 1).reduce((objects, { node }) => renamed(objects, node), [one] as readonly SchemaObject[])[0]!;
  return up.statements.flatMap((statement, index) => {
    const removed = removedBy(statement);
    if (removed.length === 0) return [];
    const own = objectsMade(up.statements.slice(0, index));
    const lost = removed.filter(
      (one) =>
        one.missing === 'refused' &&
        (NAMED_ALWAYS.includes(one.kind) || isReplaced(one, up)) &&
        ![...own, ...back].some((other) => sameObject(other, one) || sameObject(other, lastName(one, index))) &&
        !isRenamedTo(one, down),
    );
    if (lost.length === 0) return [];
    const message = `${wordsFor(up, down)} does not bring back ${lost.map(objectWords).join(', ')}`;
    return [{ direction: 'up' as const, statement, message, instead: null }];
  });
}

/** Dropped to be made again as something else: the mirror has to do the same. */
function isReplaced(one: Removed, up: FileContent): boolean {
  return one.kind === 'INDEX' || objectsMade(up.statements).some((made) => sameObject(made, one));
}

/** The mirror gives its name to something else. */
function isRenamedTo({ name }: Removed, down: FileContent): boolean {
  return down.statements.some(({ node }) => 'RenameStmt' in node && node.RenameStmt.newname === name.name);
}

function wordsFor(up: FileContent, down: FileContent): string {
  return down.file.path === up.file.path ? 'the mirror' : down.file.path;
}
