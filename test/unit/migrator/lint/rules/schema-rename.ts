/** Cases of schema-rename. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter schema app rename to application',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'ALTER SCHEMA app RENAME TO application takes every name in app away at once',
          instead: null,
        },
      ],
    },
  ],
  silent: [{ because: 'its owner is no name', up: 'alter schema app owner to current_user' }],
};
