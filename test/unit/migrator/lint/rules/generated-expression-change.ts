/** Cases of generated-expression-change. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages alter column size set expression as (1 + 1)',
      major: 17,
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET EXPRESSION on size rewrites app.messages under ACCESS EXCLUSIVE',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'before 17 the server does not know it',
      up: 'alter table app.messages alter column size set expression as (1 + 1)',
      major: 16,
    },
  ],
};
