/** Cases of trigger-disabled. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages disable trigger all',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'DISABLE TRIGGER ALL takes SHARE ROW EXCLUSIVE on app.messages and holds for every writer',
          instead: null,
        },
      ],
    },
    {
      up: 'alter table app.messages disable trigger t',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'DISABLE TRIGGER takes SHARE ROW EXCLUSIVE on app.messages and holds for every writer',
          instead: null,
        },
      ],
    },
  ],
  silent: [{ because: 'switching one on again is right', up: 'alter table app.messages enable trigger all' }],
};
