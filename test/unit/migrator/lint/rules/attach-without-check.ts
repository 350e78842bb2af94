/** Cases of attach-without-check. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "alter table app.logs attach partition app.logs_2 for values from ('2026-02-01') to ('2026-03-01')",
      findings: [
        {
          at: 'up 1:22',
          severity: 'error',
          message: 'ATTACH PARTITION reads every row of app.logs_2 under ACCESS EXCLUSIVE',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a validated check says so already',
      before: [
        "alter table app.logs_2 add constraint b check (at >= '2026-02-01' and at < '2026-03-01') not valid",
        'alter table app.logs_2 validate constraint b',
      ],
      up: "alter table app.logs attach partition app.logs_2 for values from ('2026-02-01') to ('2026-03-01')",
    },
    {
      because: 'the partition is made by the same plan',
      up: "create table app.logs_3 (like app.logs);\nalter table app.logs attach partition app.logs_3 for values from ('2026-03-01') to ('2026-04-01')",
    },
  ],
};
