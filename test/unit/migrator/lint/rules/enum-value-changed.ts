/** Cases of enum-value-changed. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "alter type app.mood rename value 'bad' to 'poor'",
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: "RENAME VALUE takes 'bad' of app.mood away at once, in favour of 'poor'",
          instead: null,
        },
      ],
    },
    {
      up: "delete from pg_catalog.pg_enum where enumlabel = 'bad'",
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'pg_enum is changed by hand: rows and indexes that hold the value are not looked at',
          instead: null,
        },
      ],
    },
  ],
  silent: [{ because: 'a new value takes nothing away', up: "alter type app.mood add value 'calm'" }],
};
