/** Cases of table-rename. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages rename to letters',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'RENAME TO letters takes the name app.messages away at once',
          instead:
            'alter table app.messages rename to letters;\nCREATE VIEW app.messages AS SELECT * FROM app.letters;',
        },
      ],
    },
    {
      up: 'create schema archive;\nalter table app.keyless set schema archive',
      notRun: 'the schema is made by the statement before',
      findings: [
        {
          at: 'up 2:1',
          severity: 'error',
          message: 'SET SCHEMA archive takes the name app.keyless away at once',
          instead:
            'alter table app.keyless set schema archive;\nCREATE VIEW app.keyless AS SELECT * FROM archive.keyless;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a view keeps the old name',
      up: 'alter table app.messages rename to letters;\ncreate view app.messages as select * from app.letters',
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new rename to newer',
    },
  ],
};
