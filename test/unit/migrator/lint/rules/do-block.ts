/** Cases of do-block. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "do $$ begin execute format('drop table %I', current_user); end $$",
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: "the DO block does what cannot be read from the file: EXECUTE format('drop table %I', current_user)",
          instead: null,
        },
      ],
    },
    {
      up: 'call app.clean_up()',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'CALL does what cannot be read from the file: what app.clean_up() does',
          instead: null,
        },
      ],
    },
  ],
  silent: [{ because: 'its statements can be read', up: 'do $$ begin create table app.x (a int); end $$' }],
};
