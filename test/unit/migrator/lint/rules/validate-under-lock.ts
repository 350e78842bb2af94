/** Cases of validate-under-lock. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add constraint size_range check (size >= 0) not valid;\nalter table app.messages validate constraint size_range',
      notRun: 'the constraint is made by the statement before',
      findings: [
        {
          at: 'up 2:26',
          severity: 'error',
          message:
            'VALIDATE CONSTRAINT reads every row of app.messages while this transaction holds ACCESS EXCLUSIVE on it since line 1',
          instead: '-- in a migration of its own:\nALTER TABLE app.messages validate constraint size_range;',
        },
      ],
    },
    {
      up: 'alter table app.messages add constraint size_range check (size >= 0) not valid, validate constraint size_range',
      notRun: 'the constraint is made by the same statement',
      findings: [
        {
          at: 'up 1:81',
          severity: 'error',
          message:
            'VALIDATE CONSTRAINT reads every row of app.messages while this transaction holds ACCESS EXCLUSIVE on it since line 1',
          instead: '-- in a migration of its own:\nALTER TABLE app.messages validate constraint size_range;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'another transaction has added it',
      before: ['alter table app.messages add constraint size_range check (size >= 0) not valid'],
      up: 'alter table app.messages validate constraint size_range',
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add constraint k check (b > 0) not valid;\nalter table app.new validate constraint k',
    },
  ],
};
