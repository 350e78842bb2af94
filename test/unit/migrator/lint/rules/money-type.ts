/** Cases of money-type. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.new (price money not null)',
      findings: [
        {
          at: 'up 1:29',
          severity: 'warning',
          message: 'app.new.price is money, whose meaning depends on a setting of the server',
          instead: 'create table app.new (price numeric(19, 4) not null);',
        },
      ],
    },
  ],
  silent: [{ because: 'a number has no setting', up: 'create table app.new (price numeric(19, 4))' }],
};
