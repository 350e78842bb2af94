/** Which of several migrations in one message failed, and where in its file: the same words as if it had been alone. */
import { isProblemError } from '../model/problem.ts';
import { fieldOf } from '../postgres/sqlstate.ts';
import { type BatchMessage, STATEMENTS_BEFORE } from './batch-message.ts';
import { fullName } from './plan-problems.ts';
import { analyseFile } from './statements.ts';
import { asProblem } from './step-transaction.ts';

export interface BatchFailure {
  readonly error: unknown;
  /** Statements of the transaction that failed which the server had completed. */
  readonly completed: number;
  /** How many of the message's files are committed. */
  readonly applied: number;
}

/** The ProblemError to throw; where the file is no SQL at all, its `migration-syntax`. `begin` tells that a file was begun. */
export async function failureIn(
  message: BatchMessage,
  { error, completed, applied }: BatchFailure,
  begin: (count: number) => void,
): Promise<Error> {
  if (isProblemError(error)) return error;
  const index = Math.min(fileAt(message, error) ?? applied, message.places.length - 1);
  const { inMessage, plain } = message.places[index]!;
  const { file } = plain.pending;
  const { statements } = await analyseFile(file.up);
  if (index === applied) begin(index + 1);
  const failed = statements[completed - STATEMENTS_BEFORE];
  const { path, sql, written } = file.up;
  const shift = characters(sql.slice(0, plain.start)) - characters(message.text.slice(0, inMessage));
  const source = {
    path,
    sql,
    shift,
    ...(written && { written }),
    ...(failed && { statementStart: characters(sql.slice(0, failed.start)) }),
  };
  return asProblem(error, { doing: `applying ${fullName(file)}`, source });
}

/** What is not SQL to this server is refused before anything of the message is done, wherever it stands in it. */
function fileAt({ text, places }: BatchMessage, error: unknown): number | undefined {
  const position = Number(fieldOf(error, 'position'));
  if (!(position > 0)) return undefined;
  const units = Array.from(text)
    .slice(0, position - 1)
    .join('').length;
  const index = places.findLastIndex(({ inMessage }) => inMessage <= units);
  return index < 0 ? undefined : index;
}

function characters(text: string): number {
  return Array.from(text).length;
}
