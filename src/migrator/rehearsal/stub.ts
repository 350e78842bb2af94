/** Reads the file that makes what migrations refer to and do not make themselves. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../../model/problem.ts';
import { isBroken, type SqlFile, sqlOfBytes } from '../sql-file.ts';

/** `file` relative to `root`, or absolute; printed as it is given. Errors: `rehearsal-stub-failed`. */
export async function readStub(root: string, file: string): Promise<SqlFile> {
  const bytes = await readFile(path.resolve(root, file)).catch(() => undefined);
  const read = bytes && sqlOfBytes(file, bytes);
  if (read && !isBroken(read)) return read;
  throw new ProblemError({
    code: 'rehearsal-stub-failed',
    message: `the stub ${file} cannot be used`,
    found: read ? `it ${read.what}` : 'an unreadable file',
    expected: 'a file of SQL',
    next: 'correct the path or the file, then run the same command again',
  });
}
