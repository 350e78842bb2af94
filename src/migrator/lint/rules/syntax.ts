/** A file that PostgreSQL cannot read. Raised by the framework: there is no statement to ask about. */
import type { FileRule } from '../rule.ts';

export const syntax: FileRule = {
  name: 'syntax',
  title: 'A file is not SQL that PostgreSQL understands',
  severity: 'error',
  scope: 'file',
  why: 'Nothing of the file can be run, and nothing else can be said about it.',
};
