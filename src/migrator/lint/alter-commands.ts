/** The single commands of an ALTER TABLE, each with its table, its text and its place, so that one can be proposed without the others. */
import type { AlterTableCmd, AlterTableStmt, Constraint } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';
import { nameOf, type ObjectName } from '../statement-kinds.ts';
import type { SourceText } from './source-text.ts';
import { isComment, wordsOf } from './words.ts';

export interface AlterCommand {
  readonly table: ObjectName;
  readonly command: AlterTableCmd;
  /** `ADD COLUMN c integer`, as written. */
  readonly text: string;
  /** Byte offset of its first word in the file. */
  readonly at: number;
  /** Byte offset behind its last word. */
  readonly end: number;
}

type Where = { readonly statement: SqlStatement; readonly source: SourceText };

/** None for statements that alter no table. */
export function alterTableCommands({ statement, source }: Where): readonly AlterCommand[] {
  const { node } = statement;
  if (!('AlterTableStmt' in node) || node.AlterTableStmt.objtype !== 'OBJECT_TABLE') return [];
  return commandsOf(node.AlterTableStmt, { statement, source });
}

/** Many rules ask for those of the same statement, and each time the scanner would read it anew. */
const known = new WeakMap<AlterTableStmt, readonly AlterCommand[]>();

export function commandsOf(alter: AlterTableStmt, where: Where): readonly AlterCommand[] {
  const commands = known.get(alter) ?? readCommands(alter, where);
  known.set(alter, commands);
  return commands;
}

function readCommands(alter: AlterTableStmt, { statement, source }: Where): readonly AlterCommand[] {
  const begin = source.byteAt(statement.start);
  const places = commandPlaces(statement.text);
  const commands = (alter.cmds ?? []).flatMap((one) => ('AlterTableCmd' in one ? [one.AlterTableCmd] : []));
  const table = nameOf(alter.relation);
  return commands.map((command, index) => {
    const [from, to] = places[index] ?? [0, Buffer.byteLength(statement.text)];
    return { table, command, text: source.slice(begin + from, begin + to), at: begin + from, end: begin + to };
  });
}

/** Of one kind: `AT_SetNotNull`. */
export function alterTableCommandsOf(where: Where, ...kinds: AlterTableCmd['subtype'][]): readonly AlterCommand[] {
  const { node } = where.statement;
  const commands = 'AlterTableStmt' in node ? (node.AlterTableStmt.cmds ?? []) : [];
  // Most statements have none of the kind, and their text need not be read for that.
  if (!commands.some((one) => 'AlterTableCmd' in one && kinds.includes(one.AlterTableCmd.subtype))) return [];
  return alterTableCommands(where).filter(({ command }) => kinds.includes(command.subtype));
}

/** Constraints that ADD CONSTRAINT adds to a table. */
export function addedConstraints(where: Where): readonly (AlterCommand & { readonly constraint: Constraint })[] {
  return alterTableCommandsOf(where, 'AT_AddConstraint').flatMap((one) => {
    const definition = one.command.def;
    return definition && 'Constraint' in definition ? [{ ...one, constraint: definition.Constraint }] : [];
  });
}

/** From where to where each command goes, in bytes of the statement: behind the table's name, parted by commas outside of parentheses. */
function commandPlaces(sql: string): [from: number, to: number][] {
  const tokens = wordsOf(sql).filter((word) => !isComment(word));
  const first = afterName(tokens.map(({ text }) => text.toLowerCase()));
  const places: [number, number][] = [];
  let depth = 0;
  let from: number | undefined;
  let to = 0;
  for (const token of tokens.slice(first)) {
    if (token.text === ',' && depth === 0 && from !== undefined) {
      places.push([from, to]);
      from = undefined;
      continue;
    }
    if (token.text === '(' || token.text === '[') depth += 1;
    if (token.text === ')' || token.text === ']') depth -= 1;
    from ??= token.start;
    to = token.end;
  }
  return from === undefined ? places : [...places, [from, to]];
}

/** The number of the first word behind `ALTER TABLE [IF EXISTS] [ONLY] [schema.]name [*]`. */
function afterName(words: readonly string[]): number {
  let at = 2;
  if (words[at] === 'if') at += 2;
  if (words[at] === 'only') at += 1;
  at += 1;
  while (words[at] === '.') at += 2;
  return words[at] === '*' ? at + 1 : at;
}
