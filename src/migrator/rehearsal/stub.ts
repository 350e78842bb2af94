/** Reads the file that makes what migrations refer to and do not make themselves. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../../model/problem.ts';
import { type SqlFile, textOfBytes } from '../sql-file.ts';

/** `file` relative to `root`, or absolute; printed as it is given. Errors: `rehearsal-stub-failed`. */
export async function readStub(root: string, file: string): Promise<SqlFile> {
  const bytes = await readFile(path.resolve(root, file)).catch(() => undefined);
  const text = bytes && textOfBytes(bytes);
  if (text?.kind === 'text') return { path: file, sql: text.sql, checksum: text.checksum };
  throw new ProblemError({
    code: 'rehearsal-stub-failed',
    message: `the stub ${file} cannot be used`,
    found: text ? `it ${text.what}` : 'an unreadable file',
    expected: 'a file of SQL',
    next: 'correct the path or the file, then run the same command again',
  });
}
