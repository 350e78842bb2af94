/**
 * Which tables the migrations leave behind, and which tables of others their foreign keys name: both are locked while they
 * run. Read from the files by PostgreSQL's own parser; what a DO block makes, and names without a schema, are not seen.
 */
import { parse } from 'libpg-query';
import { type MigrationFile, readMigrationFiles } from '../migrator/files.ts';
import { directoryOf } from '../migrator/runbook-directory.ts';
import { ProblemError } from '../model/problem.ts';
import type { Runbook } from '../model/runbook.ts';

/** `schema.name`, unquoted. */
export type QualifiedName = string;

export interface MigrationTables {
  /** Tables that are there once all migrations are applied, with the version that makes each. */
  readonly made: readonly { readonly table: QualifiedName; readonly version: string }[];
  /** Tables outside the owned schemas that foreign keys name, sorted. */
  readonly referenced: readonly QualifiedName[];
}

/** Reads the runbook's up files. Errors: those of `readMigrationFiles`; `migration-sql-invalid` where one cannot be parsed. */
export async function readMigrationTables(runbook: Runbook, root: string): Promise<MigrationTables> {
  const files = await readMigrationFiles(directoryOf(runbook, root));
  const made = new Map<QualifiedName, string>();
  const referenced = new Set<QualifiedName>();
  for (const file of files) {
    for (const statement of await statementsOf(file)) {
      applyTo(made, statement, file.version);
      for (const name of foreignKeyTargets(statement)) {
        if (!runbook.schemas.includes(name.split('.')[0]!)) referenced.add(name);
      }
    }
  }
  return { made: [...made].map(([table, version]) => ({ table, version })), referenced: [...referenced].sort() };
}

/** A node of the parser's tree; its members are looked at by name because the tree has several hundred types. */
type Tree = Readonly<Record<string, unknown>>;

async function statementsOf(file: MigrationFile): Promise<readonly Tree[]> {
  try {
    const { stmts } = await parse(file.up.sql);
    return (stmts ?? []).map(({ stmt }) => stmt as unknown as Tree);
  } catch (error) {
    throw new ProblemError({
      code: 'migration-sql-invalid',
      message: `${file.up.path} is not understood by PostgreSQL's parser`,
      found: error instanceof Error ? error.message : String(error),
      next: `correct ${file.up.path}, then run the same command again`,
    });
  }
}

function applyTo(made: Map<QualifiedName, string>, statement: Tree, version: string): void {
  const created = member(statement, 'CreateStmt', 'relation') ?? member(statement, 'CreateTableAsStmt', 'into', 'rel');
  const name = qualified(created);
  if (name !== undefined) made.set(name, version);
  for (const dropped of droppedTables(statement)) made.delete(dropped);
  const renamed = member(statement, 'RenameStmt', 'renameType') === 'OBJECT_TABLE' ? statement.RenameStmt : undefined;
  const before = qualified(member(renamed, 'relation'));
  if (before === undefined) return;
  made.delete(before);
  made.set(`${before.split('.')[0]}.${String(member(renamed, 'newname'))}`, version);
}

function droppedTables(statement: Tree): readonly QualifiedName[] {
  const isTables = member(statement, 'DropStmt', 'removeType') === 'OBJECT_TABLE';
  const objects = isTables ? member(statement, 'DropStmt', 'objects') : [];
  return asList(objects).map((object) =>
    asList(member(object, 'List', 'items'))
      .map((part) => String(member(part, 'String', 'sval')))
      .join('.'),
  );
}

function foreignKeyTargets(node: unknown): readonly QualifiedName[] {
  if (node === null || typeof node !== 'object') return [];
  const own = member(node, 'contype') === 'CONSTR_FOREIGN' ? qualified(member(node, 'pktable')) : undefined;
  return [...(own === undefined ? [] : [own]), ...Object.values(node).flatMap(foreignKeyTargets)];
}

/** Temporary tables and names without a schema are none of ours. */
function qualified(relation: unknown): QualifiedName | undefined {
  const schema = member(relation, 'schemaname');
  return schema === undefined || member(relation, 'relpersistence') === 't'
    ? undefined
    : `${String(schema)}.${String(member(relation, 'relname'))}`;
}

function member(node: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (here, key) => (here !== null && typeof here === 'object' ? (here as Tree)[key] : undefined),
    node,
  );
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
