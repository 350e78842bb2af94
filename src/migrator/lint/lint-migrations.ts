/**
 * Looks at migrations one after the other as they would be carried out and collects what the rules have to say. It reads no
 * file and asks no database: both come in.
 */
import type { AllowedFinding, Finding, LintReport, LintScope, LintSettings } from '../../model/lint.ts';
import { isProblemError } from '../../model/problem.ts';
import type { CatalogView } from '../effects/catalog-view.ts';
import { advance } from '../effects/simulation.ts';
import type { MigrationFile } from '../files.ts';
import { parseStatements } from '../parse-statements.ts';
import { fullName } from '../plan-problems.ts';
import { isRepeatableVersion } from '../repeatable-files.ts';
import type { SqlFile } from '../sql-file.ts';
import type { SqlStatement } from '../sql-statement.ts';
import { compareVersions } from '../version-order.ts';
import { ALL_RULES } from './all-rules.ts';
import { allowComments } from './allow-comments.ts';
import { applyStatementRules, isTrueOf } from './apply-rules.ts';
import { contextsOf, type FileToLint } from './contexts.ts';
import { judged } from './judge-comments.ts';
import { settled, withNamedTable } from './known-tables.ts';
import { withSettings } from './lint-settings.ts';
import { type Located, located } from './located.ts';
import { objectsMadeBy } from './objects-made.ts';
import type { Direction, MigrationRule, Rule } from './rule.ts';
import { syntax } from './rules/syntax.ts';
import { sourceText } from './source-text.ts';

export interface LintRequest {
  /** In order of their numbers. With scope `since`: all of them, so that what came before is known. */
  readonly migrations: readonly MigrationFile[];
  readonly scope: LintScope;
  /** What there is before the first of them; asked for what their statements name, where it comes from a database. */
  readonly view: CatalogView | ((statements: readonly SqlStatement[]) => Promise<CatalogView>);
  /** Files before the first of them that are applied: what they make is known to mirrors. Default: none. */
  readonly applied?: readonly MigrationFile[];
  /** The schemas that the migrations own. */
  readonly schemas: readonly string[];
  /** `user@host:port/database`; null where no database was asked. */
  readonly database: string | null;
  /** What the runbook says of rules. */
  readonly settings?: LintSettings | undefined;
  /** Default: all. */
  readonly rules?: readonly Rule[];
}

/** Never throws for what is in the files. */
export async function lintMigrations(request: LintRequest): Promise<LintReport> {
  const { scope, migrations, database, rules = ALL_RULES } = request;
  const isPassed = passedOver(scope);
  const read = await Promise.all(migrations.map((one) => readMigration(one, request)));
  const [passed, looked] = [
    read.filter(({ up }) => isPassed(up.version)),
    read.filter(({ up }) => !isPassed(up.version)),
  ];
  const start = await viewFor(request, read);
  const made = new Set<string>();
  for (const { up } of request.applied ?? [])
    for (const key of objectsMadeBy((await readStatements(up)).statements)) made.add(key);
  for (const { up } of passed) for (const key of objectsMadeBy(up.statements)) made.add(key);
  const walked = walk(looked, scope.kind === 'since' ? settled(afterAll(passed, start)) : start, rules);
  const results = walked.results.map((one) => withMigrationRules(one, { rules, atEnd: walked.atEnd, made }));
  const files = results.flatMap((one) => [one.up, ...(one.down ? [one.down] : [])]);
  const judgedFiles = files.map((one) => withSettings(judgeFile(one, rules), request.settings));
  return {
    scope,
    database,
    serverVersion: start.serverVersion,
    migrations: looked.length,
    findings: judgedFiles.flatMap(({ findings }) => inOrder(findings)),
    allowed: judgedFiles.flatMap(({ allowed }) => inOrder(allowed)),
  };
}

async function viewFor({ view }: LintRequest, read: readonly ReadMigration[]): Promise<CatalogView> {
  if (typeof view !== 'function') return view;
  return view(read.flatMap(({ up, down }) => [...up.statements, ...(down?.statements ?? [])]));
}

/** With scope `since`, the files up to that version are taken as applied. Repeatable ones come last and have no number. */
function passedOver(scope: LintScope): (version: string) => boolean {
  if (scope.kind !== 'since') return () => false;
  return (version) => !isRepeatableVersion(version) && compareVersions(version, scope.version) <= 0;
}

function afterAll(migrations: readonly ReadMigration[], start: CatalogView): CatalogView {
  const statements = migrations.flatMap(({ up }) => up.statements);
  return statements.reduce((view, one) => advance(withNamedTable(view, one), one), start);
}

interface ReadFile extends FileToLint {
  readonly version: string;
  readonly migration: string;
  readonly unreadable: Located | undefined;
}

interface ReadMigration {
  readonly up: ReadFile;
  readonly down: ReadFile | undefined;
}

/** A file that was looked at: what was found, and the view it began with. */
interface LintedFile extends ReadFile {
  readonly found: readonly Located[];
  readonly start: CatalogView;
}

interface Linted {
  readonly up: LintedFile;
  readonly down: LintedFile | undefined;
}

async function readMigration(migration: MigrationFile, { schemas }: LintRequest): Promise<ReadMigration> {
  const read = async (file: SqlFile, direction: Direction): Promise<ReadFile> => {
    const source = sourceText(file.sql);
    const { statements, problem } = await readStatements(file);
    const name = fullName(migration);
    const unreadable =
      problem && located(problem, { migration: name, file, source, rule: syntax, statement: undefined });
    return { version: migration.version, migration: name, direction, file, source, statements, schemas, unreadable };
  };
  return { up: await read(migration.up, 'up'), down: migration.down ? await read(migration.down, 'down') : undefined };
}

async function readStatements(file: SqlFile) {
  try {
    return { statements: await parseStatements(file), problem: undefined };
  } catch (error) {
    if (!isProblemError(error) || error.problem.code !== 'migration-syntax') throw error;
    const [, line, column] = /:(\d+):(\d+)\n/.exec(error.problem.found ?? '') ?? [];
    const before = file.sql.split('\n').slice(0, Number(line ?? 1) - 1);
    const unit = before.join('\n').length + (before.length > 0 ? 1 : 0) + Number(column ?? 1) - 1;
    const at = Buffer.byteLength(file.sql.slice(0, unit), 'utf8');
    const statements: readonly SqlStatement[] = [];
    return { statements, problem: { message: error.problem.message, instead: null, at } };
  }
}

function walk(migrations: readonly ReadMigration[], start: CatalogView, rules: readonly Rule[]) {
  let view = start;
  const results = migrations.map(({ up, down }): Linted => {
    const lint = (file: ReadFile, before: CatalogView) => {
      const { contexts, after } = contextsOf(file, before);
      const found = applyStatementRules(rules, contexts, file.migration);
      return {
        after,
        linted: { ...file, start: before, found: [...(file.unreadable ? [file.unreadable] : []), ...found] },
      };
    };
    const ofUp = lint(up, view);
    view = ofUp.after;
    return { up: ofUp.linted, down: down && lint(down, view).linted };
  });
  return { results, atEnd: view };
}

interface Around {
  readonly rules: readonly Rule[];
  readonly atEnd: CatalogView;
  /** Keys of objects that files before this one make; grows. */
  readonly made: Set<string>;
}

function withMigrationRules({ up, down }: Linted, { rules, atEnd, made }: Around): Linted {
  const asked = rules.filter(
    (rule): rule is MigrationRule => rule.scope === 'migration' && isTrueOf(rule, atEnd.serverVersion),
  );
  const context = { up, down: down ?? null, madeBefore: made, viewAtEnd: atEnd };
  const isReadable = !up.unreadable && !down?.unreadable;
  const raised = isReadable ? asked.flatMap((rule) => rule.check(context).map((one) => ({ rule, one }))) : [];
  const of = (file: LintedFile): LintedFile => {
    const own = raised.filter(({ one }) => one.direction === file.direction);
    const more = own.map(({ rule, one }) => located(one, { ...file, rule, statement: one.statement }));
    return { ...file, found: [...file.found, ...more] };
  };
  const result = { up: of(up), down: down && of(down) };
  for (const key of objectsMadeBy(up.statements)) made.add(key);
  return result;
}

function judgeFile(file: LintedFile, rules: readonly Rule[]) {
  const comments = allowComments(file.file, file.statements, file.source);
  const otherwise = () => applyStatementRules(rules, contextsOf(file, settled(file.start)).contexts, file.migration);
  const ruleNames = new Set(ALL_RULES.map(({ name }) => name));
  return judged({ comments, found: file.found, otherwise, ruleNames, origin: file });
}

function inOrder<One extends Finding | AllowedFinding>(findings: readonly One[]): One[] {
  return [...findings].sort((a, b) => a.line - b.line || a.column - b.column);
}
