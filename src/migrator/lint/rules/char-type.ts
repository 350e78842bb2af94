/** A column of type char(n). */
import { columnTypeRule } from '../column-type-rule.ts';

export const charType = columnTypeRule({
  name: 'char-type',
  title: 'A column of type char(n)',
  why: 'Shorter values are filled up with blanks, which count in some comparisons and not in others. It is neither smaller nor faster than text.',
  applies: ({ name, modifiers, isArray }) => name === 'character' && modifiers.length > 0 && !isArray,
  message: ({ modifiers }) => `character(${modifiers[0]}), which fills values up with blanks`,
  better: () => 'text',
});
