/** Cases of detach-without-concurrently. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.logs detach partition app.logs_1',
      findings: [
        {
          at: 'up 1:22',
          severity: 'error',
          message: 'DETACH PARTITION takes ACCESS EXCLUSIVE on app.logs',
          instead: 'ALTER TABLE app.logs DETACH PARTITION app.logs_1 CONCURRENTLY;',
        },
      ],
    },
  ],
  silent: [
    { because: 'it is done CONCURRENTLY', up: 'alter table app.logs detach partition app.logs_1 concurrently' },
    {
      because: 'finishing one that was begun takes less',
      up: 'alter table app.logs detach partition app.logs_1 finalize',
    },
  ],
};
