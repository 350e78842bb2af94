/** Cases of rule-created. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create rule r as on insert to app.messages do instead nothing',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'CREATE RULE r takes ACCESS EXCLUSIVE on app.messages',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ncreate rule r as on insert to app.new do instead nothing',
    },
  ],
};
