/** Cases of refresh-without-concurrently. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'refresh materialized view app.totals',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'REFRESH MATERIALIZED VIEW holds ACCESS EXCLUSIVE on app.totals while its query runs',
          instead: 'REFRESH MATERIALIZED VIEW CONCURRENTLY app.totals;',
        },
      ],
    },
  ],
  silent: [
    { because: 'it is done CONCURRENTLY', up: 'refresh materialized view concurrently app.totals' },
    { because: 'without data nothing is computed', up: 'refresh materialized view app.totals with no data' },
    {
      because: 'the view is made by the same plan',
      up: 'create materialized view app.m as select 1 as a;\nrefresh materialized view app.m',
    },
  ],
};
