/** Cases of logged-change. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages set unlogged',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET UNLOGGED rewrites app.messages under ACCESS EXCLUSIVE',
          instead: null,
        },
      ],
    },
    {
      up: 'alter table app.messages set logged',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET LOGGED rewrites app.messages under ACCESS EXCLUSIVE',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new set unlogged',
    },
  ],
};
