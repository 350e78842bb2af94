/** Cases of identifier-too-long. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.x (a int);\ncreate index a_name_that_goes_on_and_on_until_it_is_longer_than_the_server_keeps_of_it on app.x (a)',
      findings: [
        {
          at: 'up 2:14',
          severity: 'warning',
          message:
            'the name a_name_that_goes_on_and_on_until_it_is_longer_than_the_server_keeps_of_it has 73 bytes and is cut to 63',
          instead: null,
        },
      ],
    },
    {
      up: 'create table app."ääääääääääääääääääääääääääääääää" (a int)',
      findings: [
        {
          at: 'up 1:18',
          severity: 'warning',
          message: 'the name "ääääääääääääääääääääääääääääääää" has 64 bytes and is cut to 63',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: '63 bytes are kept',
      up: 'create table app.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx (a int)',
    },
    {
      because: 'a string may be as long as it likes',
      up: "comment on table app.messages is 'a_name_that_goes_on_and_on_until_it_is_longer_than_the_server_keeps_of_it'",
    },
  ],
};
