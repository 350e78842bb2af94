/** Cases of lock-table. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'lock table app.messages, app.users in access exclusive mode',
      findings: [
        {
          at: 'up 1:12',
          severity: 'error',
          message:
            'LOCK TABLE holds ACCESS EXCLUSIVE on app.messages and stops reads and writes to the end of the transaction',
          instead: null,
        },
        {
          at: 'up 1:26',
          severity: 'error',
          message:
            'LOCK TABLE holds ACCESS EXCLUSIVE on app.users and stops reads and writes to the end of the transaction',
          instead: null,
        },
      ],
    },
    {
      up: 'lock app.messages in share mode',
      findings: [
        {
          at: 'up 1:6',
          severity: 'error',
          message: 'LOCK TABLE holds SHARE on app.messages and stops writes to the end of the transaction',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: 'ROW EXCLUSIVE is what every write takes', up: 'lock table app.messages in row exclusive mode' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nlock table app.new',
    },
  ],
};
