/** Cases of domain-constraint. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter domain app.level add constraint positive check (value > 0)',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'ADD CONSTRAINT reads every row of every table with a column of app.level',
          instead:
            'alter domain app.level add constraint positive check (value > 0) NOT VALID;\n-- then, in a migration of its own:\nALTER DOMAIN app.level VALIDATE CONSTRAINT positive;',
        },
      ],
    },
    {
      up: 'alter domain app.level add check (value > 0)',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'ADD CONSTRAINT reads every row of every table with a column of app.level',
          instead:
            'alter domain app.level ADD CONSTRAINT level_check check (value > 0) NOT VALID;\n-- then, in a migration of its own:\nALTER DOMAIN app.level VALIDATE CONSTRAINT level_check;',
        },
      ],
    },
    {
      up: 'alter domain app.level set not null',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'SET NOT NULL reads every row of every table with a column of app.level',
          instead:
            'ALTER DOMAIN app.level ADD CONSTRAINT level_not_null CHECK (VALUE IS NOT NULL) NOT VALID;\n-- then, in a migration of its own:\nALTER DOMAIN app.level VALIDATE CONSTRAINT level_not_null;',
        },
      ],
    },
  ],
  silent: [
    { because: 'it is NOT VALID', up: 'alter domain app.level add constraint positive check (value > 0) not valid' },
    { because: 'nothing has to be checked for it', up: 'alter domain app.level set default 1' },
  ],
};
