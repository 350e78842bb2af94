/** Follows a target's reference to its URL. The only place where the secret is held, and it is never put into a message. */
import { ProblemError } from '../model/problem.ts';
import type { Target } from './targets.ts';

export interface SecretSources {
  /** The value of an environment variable of this process. */
  readonly lookup: (name: string) => string | undefined;
  /** The text of a file; rejects where it cannot be read. Relative paths are below the checkout. */
  readonly readFile: (path: string) => Promise<string>;
}

/** The URL of a target, without surrounding white space. Errors: `url-variable-missing`, `url-file-missing`. */
export async function resolveUrl(target: Target, { lookup, readFile }: SecretSources): Promise<string> {
  const { url, view } = target;
  if (url.kind === 'env') {
    const value = lookup(url.variable)?.trim();
    if (!value) throw missingVariable(view.name, url.variable);
    return value;
  }
  const text = (await readFile(url.path).catch((error: unknown) => refuseFile(view.name, url.path, error))).trim();
  if (text === '') throw missingFile(view.name, url.path, 'the file is empty');
  return text;
}

function missingVariable(target: string, variable: string): ProblemError {
  return new ProblemError({
    code: 'url-variable-missing',
    message: `the URL of the target ${target} is not known here`,
    found: `the environment variable ${variable} is not set, or empty`,
    expected: `${variable} in the environment of the process that connects to ${target}`,
    next: `export ${variable}=postgres://user:password@host:5432/database`,
  });
}

function missingFile(target: string, path: string, found: string): ProblemError {
  return new ProblemError({
    code: 'url-file-missing',
    message: `the URL of the target ${target} is not known here`,
    found: `${path}: ${found}`,
    expected: `a readable file ${path} that holds the URL and nothing else`,
    next: `mount the secret at ${path}, or correct url.file of ${target} in drydock.yaml`,
  });
}

function refuseFile(target: string, path: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
  throw missingFile(target, path, code === 'ENOENT' ? 'no such file' : code);
}
