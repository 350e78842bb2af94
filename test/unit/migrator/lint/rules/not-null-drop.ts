/** Cases of not-null-drop. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages alter column body drop not null',
      findings: [
        {
          at: 'up 1:26',
          severity: 'warning',
          message: 'DROP NOT NULL lets body of app.messages be null for programs that run',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a mirror takes it back',
      up: 'select 1',
      down: 'alter table app.messages alter column body drop not null',
    },
  ],
};
