/** Cases of concurrently-in-transaction. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'begin;\ncreate index concurrently i on app.messages (note);\ncommit;',
      findings: [
        {
          at: 'up 2:1',
          severity: 'error',
          message: 'CREATE INDEX CONCURRENTLY … stands between BEGIN and COMMIT, where it cannot run',
          instead: 'create index concurrently i on app.messages (note);',
        },
      ],
    },
  ],
  silent: [
    { because: 'nothing is around it', up: 'create index concurrently i on app.messages (note)' },
    {
      because: 'the file has no transaction around it',
      up: '-- drydock:no-transaction\nbegin;\ncreate table app.x (a int);\ncommit;\ncreate index concurrently i on app.messages (note)',
    },
    { because: 'what can be in a transaction may be', up: 'begin;\ncreate table app.x (a int);\ncommit' },
  ],
};
