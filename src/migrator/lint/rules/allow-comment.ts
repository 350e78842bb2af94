/** Comments that allow a rule, and say it wrongly. Raised by the framework, because only it knows what a comment has allowed. */
import type { FileRule } from '../rule.ts';

export const allowComment: FileRule = {
  name: 'allow-comment',
  title: 'A comment that allows nothing',
  severity: 'error',
  scope: 'file',
  why: 'A comment without a reason cannot be judged by the next reader, and one that allows nothing will allow something that nobody has looked at.',
};
