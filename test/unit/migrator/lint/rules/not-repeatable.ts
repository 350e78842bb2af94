/** Cases of not-repeatable. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: '-- drydock:no-transaction\ncall app.clean_up()',
      findings: [
        {
          at: 'up 2:1',
          severity: 'warning',
          message: 'CALL runs outside of a transaction, and nothing shows afterwards whether it was done',
          instead: null,
        },
      ],
    },
    {
      up: '-- drydock:no-transaction\ndo $$ begin create table app.x (a int); commit; end $$',
      findings: [
        {
          at: 'up 2:1',
          severity: 'warning',
          message: 'the DO block runs outside of a transaction, and nothing shows afterwards whether it was done',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: 'it is in a transaction', up: 'call app.clean_up()' },
    {
      because: 'migrate finds out itself whether an index was built',
      up: 'create index concurrently i on app.messages (note)',
    },
    { because: 'migrate finds out itself whether a database is there', up: 'drop database old' },
    {
      because: 'what is not a block has a transaction of its own',
      up: '-- drydock:no-transaction\ncreate table app.x (a int)',
    },
  ],
};
