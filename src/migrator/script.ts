/**
 * Puts statements of a file and our own bookkeeping into one text, so that both travel in one round trip and commit together,
 * and remembers where the file's text stands in it, so that an error still points into the file.
 */
import type { SqlSource } from '../postgres/problem-from-pg.ts';
import type { SqlFile } from './sql-file.ts';
import type { SqlStatement } from './sql-statement.ts';

export interface Script {
  readonly text: string;
  /** For problemFromPg. `completed` is how many statements of the text the server had completed before the error. */
  source(completed: number): SqlSource;
}

export interface ScriptParts {
  readonly before: readonly string[];
  readonly file: SqlFile;
  /** Neighbours in the file; comments between them are sent along. None is allowed. */
  readonly statements: readonly SqlStatement[];
  readonly after: readonly string[];
  /** Our own SQL before the statement with this index; with the count of statements as its key, after all of them. */
  readonly between?: ReadonlyMap<number, readonly string[]>;
}

/** What a file before it may have left in the session is undone: files must not depend on each other by way of settings. */
export const CLEAN_SESSION = 'reset session authorization; reset all;';

/**
 * What the next BEGIN would take over from a file, after which it is too late to undo it. For the end of a file, in its last
 * transaction: what else it has set still counts for what waits for the commit.
 */
export const CLEAN_NEXT_BEGIN = 'reset default_transaction_isolation; reset default_transaction_read_only;';

export function scriptOf({ before, file, statements, after, between = NOTHING }: ScriptParts): Script {
  const begin = statements[0]?.start ?? 0;
  const end = statements.at(-1)?.end ?? begin;
  const head = before.map((text) => `${text}\n`).join('');
  const inserted = statements.map((_, index) => (between.get(index) ?? []).map((text) => `${text}\n`).join(''));
  const content = statements.map(({ start }, index) => {
    return `${inserted[index]}${file.sql.slice(start, statements[index + 1]?.start ?? end)}`;
  });
  const last = between.get(statements.length) ?? [];
  // The line break ends a comment that may stand last in the file's text.
  const text = `${head}${content.join('')}\n;${[...last, ...after].join('\n')}`;
  const shift = characters(file.sql.slice(0, begin)) - characters(head);
  const known = { path: file.path, sql: file.sql, ...(file.written && { written: file.written }) };
  return {
    text,
    source: (completed) => {
      const index = statementAt(completed - commandsIn(before), statements.length, between);
      if (index === undefined) return { ...known, shift };
      const ours = characters(inserted.slice(0, index + 1).join(''));
      const statementStart = characters(file.sql.slice(0, statements[index]!.start));
      return { ...known, shift: shift - ours, statementStart };
    },
  };
}

const NOTHING: ReadonlyMap<number, readonly string[]> = new Map();

/** Which statement of the file the server was at when it had completed so many commands after `before`. */
function statementAt(completed: number, count: number, between: NonNullable<ScriptParts['between']>) {
  let commands = 0;
  for (let index = 0; index < count; index += 1) {
    commands += commandsIn(between.get(index) ?? []);
    if (completed === commands) return index;
    commands += 1;
  }
  return undefined;
}

/** Our own texts end every statement with a semicolon at the end of a line, or are a single block. */
function commandsIn(texts: readonly string[]): number {
  return texts.reduce((count, text) => count + (text.startsWith('do ') ? 1 : text.split(';').length - 1), 0);
}

function characters(text: string): number {
  return Array.from(text).length;
}
