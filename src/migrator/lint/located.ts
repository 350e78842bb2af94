/** Gives what a rule has raised its place in the file. */
import type { Finding } from '../../model/lint.ts';
import { placeOf } from '../../postgres/sql-excerpt.ts';
import type { SqlFile } from '../sql-file.ts';
import type { SqlStatement } from '../sql-statement.ts';
import type { Raised, Rule } from './rule.ts';
import { docsPathOf } from './rule-docs.ts';
import type { SourceText } from './source-text.ts';

export interface Origin {
  readonly migration: string;
  readonly file: SqlFile;
  readonly source: SourceText;
  readonly rule: Rule;
  /** Undefined where it is about the file. */
  readonly statement: SqlStatement | undefined;
}

/** A finding with the statement that it is about, by which comments allow it. */
export interface Located {
  readonly finding: Finding;
  readonly statement: SqlStatement | undefined;
}

export function located(raised: Raised, { migration, file, source, rule, statement }: Origin): Located {
  const unit = raised.at === undefined ? (statement?.start ?? 0) : source.unitAt(raised.at);
  const place = placeOf(file.sql, Array.from(file.sql.slice(0, unit)).length, file.written);
  const finding: Finding = {
    rule: rule.name,
    severity: raised.severity ?? rule.severity,
    migration,
    file: file.path,
    line: place?.line ?? 1,
    column: place?.column ?? 1,
    excerpt: place?.text ?? '',
    message: raised.message,
    why: raised.why ?? rule.why,
    instead: raised.instead,
    docs: docsPathOf(rule.name),
  };
  return { finding, statement };
}
