/**
 * What may be said about a database URL: whether it is one, and where it leads, never its password.
 */
import { ProblemError } from '../model/problem.ts';

/** The exact form that is expected, for messages. */
export const URL_FORM = 'postgres://user:password@host:5432/database';

/** Refuses what is no PostgreSQL URL with `database-url-invalid`. The URL itself is never repeated: it may hold a password. */
export function parseDatabaseUrl(url: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== 'postgres' && scheme !== 'postgresql') {
    throw invalid(scheme ? `a URL of the scheme ${scheme}:` : 'a value that does not start with postgres://');
  }
  try {
    // A host left out (unix socket by ?host=) is fine for the driver and not for URL.
    return new URL(url.replace('@/', '@localhost/'));
  } catch {
    throw invalid('a URL that cannot be read (is a character of the password not percent-encoded?)');
  }
}

/** `user@host:port/database`, for messages and logs. */
export function describeDatabaseUrl(url: string): string {
  const parsed = parseDatabaseUrl(url);
  const inQuery = (name: string) => parsed.searchParams.get(name);
  const user = inQuery('user') ?? safeDecode(parsed.username);
  const host = inQuery('host') ?? (parsed.hostname || 'localhost');
  const port = inQuery('port') ?? (parsed.port || '5432');
  return `${user ? `${user}@` : ''}${host}:${port}${safeDecode(parsed.pathname)}`;
}

function invalid(found: string): ProblemError {
  return new ProblemError({
    code: 'database-url-invalid',
    message: 'the database URL cannot be used',
    found,
    expected: URL_FORM,
    next: 'pass the URL with --url, special characters in the password percent-encoded (for example # as %23)',
  });
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
