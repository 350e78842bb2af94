/** Cases of vacuum-full-or-cluster. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'vacuum (full, analyze) app.messages, app.users',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'VACUUM FULL rewrites app.messages, app.users under ACCESS EXCLUSIVE',
          instead: 'VACUUM (ANALYZE) app.messages, app.users;',
        },
      ],
    },
    {
      up: 'vacuum full',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'VACUUM FULL rewrites every table of the database under ACCESS EXCLUSIVE',
          instead: 'VACUUM (ANALYZE);',
        },
      ],
    },
    {
      up: 'cluster app.messages using messages_kind_idx',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CLUSTER rewrites app.messages under ACCESS EXCLUSIVE',
          instead: 'VACUUM (ANALYZE) app.messages;',
        },
      ],
    },
  ],
  silent: [
    { because: 'a plain VACUUM stops nobody', up: 'vacuum (analyze) app.messages' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ncluster app.new using i',
    },
  ],
};
