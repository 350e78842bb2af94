/** A column of type money. */
import { columnTypeRule } from '../column-type-rule.ts';

export const moneyType = columnTypeRule({
  name: 'money-type',
  title: 'A column of type money',
  why: 'It has no currency, and the setting lc_monetary decides how many digits it keeps and how it is read: a dump from one server means another amount on the next.',
  applies: ({ name }) => name === 'money',
  message: () => 'money, whose meaning depends on a setting of the server',
  better: () => 'numeric(19, 4)',
});
