/** Cases of alter-system. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "alter system set work_mem = '1GB'",
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'ALTER SYSTEM changes work_mem for every database of the server',
          instead: null,
        },
      ],
    },
    {
      up: 'alter system reset all',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'ALTER SYSTEM changes all settings for every database of the server',
          instead: null,
        },
      ],
    },
  ],
  silent: [{ because: 'it is for one role', up: "alter role reader set work_mem = '1GB'" }],
};
