/** Cases of transaction-control. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.x (a int);\ncommit;\ncreate table app.y (a int)',
      findings: [
        {
          at: 'up 2:1',
          severity: 'error',
          message: 'COMMIT stands among other statements; migrate refuses the file',
          instead: null,
        },
      ],
    },
    {
      up: 'savepoint s;\nselect 1',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'SAVEPOINT S stands among other statements; migrate refuses the file',
          instead: null,
        },
      ],
    },
    {
      up: 'begin isolation level serializable;\nselect 1;\ncommit',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'BEGIN ISOLATION stands among other statements; migrate refuses the file',
          instead: null,
        },
        {
          at: 'up 3:1',
          severity: 'error',
          message: 'COMMIT stands among other statements; migrate refuses the file',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a file without a transaction may have its own',
      up: '-- drydock:no-transaction\nbegin;\ncreate table app.x (a int);\ncommit;\nselect 1',
    },
    { because: 'BEGIN and COMMIT around all of it say nothing new', up: 'begin;\ncreate table app.x (a int);\ncommit' },
  ],
};
