/** A column of type json. */
import { columnTypeRule } from '../column-type-rule.ts';

export const jsonType = columnTypeRule({
  name: 'json-type',
  title: 'A column of type json',
  why: 'It is kept as text: it has no equality, so SELECT DISTINCT and UNION over it fail, and it cannot be indexed by what is in it.',
  applies: ({ name }) => name === 'json',
  message: () => 'json, which has no equality and no index of its content',
  better: () => 'jsonb',
});
