/** Cases of exclusion-constraint. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add constraint apart exclude using gist (period with &&)',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'ADD EXCLUDE holds ACCESS EXCLUSIVE on app.messages while its index is built',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (p tstzrange);\nalter table app.new add exclude using gist (p with &&)',
    },
  ],
};
