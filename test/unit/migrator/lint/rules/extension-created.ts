/** Cases of extension-created. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create extension if not exists pgcrypto',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'CREATE EXTENSION pgcrypto needs its files on the server, and rights on the database',
          instead: null,
        },
      ],
    },
  ],
  silent: [{ because: 'an update is no creation', up: 'alter extension pgcrypto update' }],
};
