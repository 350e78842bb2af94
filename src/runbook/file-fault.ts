/** All problems of one file as one refusal, in the order in which they stand there. */
import { ProblemError } from '../model/problem.ts';
import type { FileProblem } from './yaml-document.ts';

export interface FileFault {
  /** `runbook-invalid`, `targets-invalid`. */
  readonly code: string;
  /** As printed, relative to the root. */
  readonly file: string;
  readonly problems: readonly FileProblem[];
}

/** Throws where there is a problem; every line of `found` is `file:line:column: text`. */
export function refuseFile({ code, file, problems }: FileFault): void {
  if (problems.length === 0) return;
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = [...new Set(sorted.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`))];
  throw new ProblemError({
    code,
    message: `${file} has ${lines.length === 1 ? 'a problem' : `${lines.length} problems`}`,
    found: lines.join('\n'),
    next: `correct ${lines.length === 1 ? 'this line' : 'these lines'} of ${file} and run the same command again`,
  });
}
