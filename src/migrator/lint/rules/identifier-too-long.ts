/** A name of more than 63 bytes, which the server cuts without asking. */
import type { StatementRule } from '../rule.ts';
import { wordsOf } from '../words.ts';

const LONGEST = 63;

export const identifierTooLong: StatementRule = {
  name: 'identifier-too-long',
  title: 'A name is cut to 63 bytes',
  severity: 'warning',
  scope: 'statement',
  files: 'both',
  why: 'The server keeps the first 63 bytes and goes on. Two names that begin alike become one, and what looks for the name as written does not find it.',
  check: ({ statement, source }) => {
    // Most statements have no word that long.
    if (!/[^\s'(),;.]{16}/.test(statement.text) || Buffer.byteLength(statement.text) <= LONGEST) return [];
    const begin = source.byteAt(statement.start);
    return wordsOf(statement.text)
      .filter(({ tokenName, text }) => tokenName === 'IDENT' && nameBytes(text) > LONGEST)
      .map(({ text, start }) => ({
        at: begin + start,
        message: `the name ${text} has ${nameBytes(text)} bytes and is cut to ${LONGEST}`,
        instead: null,
      }));
  },
};

/** Without the quotes around it. */
function nameBytes(text: string): number {
  return Buffer.byteLength(text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
}
