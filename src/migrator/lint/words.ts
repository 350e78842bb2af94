/** An SQL text taken apart into words by PostgreSQL's own scanner, places in bytes. */
import { type ScanToken, scanSync } from 'libpg-query';

/**
 * Comments are words too. Errors: a SyntaxError for a text that the parser refuses as well. The parser's module has to be
 * loaded, as it is once anything was parsed.
 */
export function wordsOf(sql: string): readonly ScanToken[] {
  // The scanner hands its words over as JSON and does not escape these. A blank instead of them moves nothing.
  return scanSync(sql.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ' ')).tokens;
}

export function isComment({ tokenName }: ScanToken): boolean {
  return tokenName.endsWith('COMMENT');
}
