/**
 * What a lint rule is: a name, the words for it, and a pure question about one statement, one file or one migration. Rules see
 * parse trees and a CatalogView; none of them asks a database or reads a file.
 */

import type { Severity } from '../../model/lint.ts';
import type { StatementEffects } from '../../model/statement-effects.ts';
import type { CatalogView } from '../effects/catalog-view.ts';
import type { SqlFile } from '../sql-file.ts';
import type { SqlStatement } from '../sql-statement.ts';
import type { SourceText } from './source-text.ts';

export type Direction = 'up' | 'down';

/** What a rule has found, before it is given its place in the file. */
export interface Raised {
  readonly message: string;
  /** SQL that does the same safely; null where no SQL does. */
  readonly instead: string | null;
  /** Byte offset into the file, as parse nodes carry it; default: the statement's first word. */
  readonly at?: number | undefined;
  /** Default: the rule's own. */
  readonly severity?: Severity;
  /** Default: the rule's own. */
  readonly why?: string;
}

interface RuleHead {
  /** Kebab-case; also the name of its file, its page and its tests. */
  readonly name: string;
  /** A few words, as a heading. */
  readonly title: string;
  readonly severity: Severity;
  /** What it does to a system in use: one to three sentences. */
  readonly why: string;
  /** Majors of PostgreSQL it is true of: from `since` on, before `until`. Default: all. */
  readonly since?: number;
  readonly until?: number;
}

/** Asked for each statement. */
export interface StatementRule extends RuleHead {
  readonly scope: 'statement';
  /** `up`: mirrors are not looked at. */
  readonly files: 'up' | 'both';
  check(context: StatementContext): readonly Raised[];
}

/** Asked once for each migration, when all of them are known. */
export interface MigrationRule extends RuleHead {
  readonly scope: 'migration';
  check(context: MigrationContext): readonly RaisedInMigration[];
}

/** Raised by the framework itself: comments that allow, files that cannot be read as SQL. */
export interface FileRule extends RuleHead {
  readonly scope: 'file';
}

export type Rule = StatementRule | MigrationRule | FileRule;

export interface StatementContext {
  readonly direction: Direction;
  readonly file: SqlFile;
  readonly source: SourceText;
  readonly statement: SqlStatement;
  /** All statements of its transaction, itself included; itself where it runs alone. */
  readonly transaction: readonly SqlStatement[];
  /** Those of them that come before it. */
  readonly before: readonly SqlStatement[];
  /** `alone`: no transaction is around it. */
  readonly runs: 'in a transaction' | 'alone';
  /** The file begins its transactions itself. */
  readonly wrapped: 'by BEGIN' | 'not';
  /** What there is before the statement. */
  readonly view: CatalogView;
  readonly effects: StatementEffects;
  /** Of the statements in `before`, in their order. */
  readonly effectsBefore: readonly StatementEffects[];
  /** The schemas that the migrations own. */
  readonly schemas: readonly string[];
}

export interface FileContent {
  readonly file: SqlFile;
  readonly source: SourceText;
  readonly statements: readonly SqlStatement[];
}

export interface MigrationContext {
  readonly up: FileContent;
  /** Null where it has no mirror. */
  readonly down: FileContent | null;
  /** What there is when the last migration is done. */
  readonly viewAtEnd: CatalogView;
  /** Keys of objects that files before this one make, as `objectKey` spells them. */
  readonly madeBefore: ReadonlySet<string>;
}

export interface RaisedInMigration extends Raised {
  readonly direction: Direction;
  readonly statement: SqlStatement;
}
