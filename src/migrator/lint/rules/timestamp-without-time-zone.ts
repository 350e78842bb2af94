/** A column of type timestamp without time zone. */
import { columnTypeRule } from '../column-type-rule.ts';

export const timestampWithoutTimeZone = columnTypeRule({
  name: 'timestamp-without-time-zone',
  title: 'A timestamp without time zone',
  why: 'What is stored is what the clock on some wall said, and nobody can tell which wall. timestamptz takes the same eight bytes and is a point in time.',
  applies: ({ name }) => name === 'timestamp without time zone',
  message: () => 'timestamp without time zone, which is no point in time',
  better: ({ modifiers }) => `timestamptz${modifiers.length > 0 ? `(${modifiers[0]})` : ''}`,
});
