/** Cases of grant-to-public. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'grant select, insert on app.messages to public',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'GRANT gives SELECT, INSERT on app.messages to every role that can connect',
          instead: null,
        },
      ],
    },
    {
      up: 'alter default privileges in schema app grant select on tables to public',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'GRANT gives SELECT on everything of its kind that is made later to every role that can connect',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: 'it is one role', up: 'grant select on app.messages to reader' },
    { because: 'taking it away is right', up: 'revoke all on app.messages from public' },
  ],
};
