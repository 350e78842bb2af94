/** Cases of syntax. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.x (a int);\ncreate tabel app.y (a int)',
      findings: [
        {
          at: 'up 2:8',
          severity: 'error',
          message: 'm/001_case.up.sql is not SQL that PostgreSQL understands: syntax error at or near "tabel"',
          instead: null,
        },
      ],
    },
  ],
  silent: [{ because: 'it is SQL', up: 'select 1' }],
};
