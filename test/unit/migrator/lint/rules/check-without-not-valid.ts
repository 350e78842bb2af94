/** Cases of check-without-not-valid. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add constraint size_range check (size >= 0)',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'ADD CHECK holds ACCESS EXCLUSIVE on app.messages while every row is checked',
          instead:
            'ALTER TABLE app.messages add constraint size_range check (size >= 0) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT size_range;',
        },
      ],
    },
    {
      up: "alter table app.messages add check (char_length(body) < 1000), alter column note set default 'a, (b'",
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'ADD CHECK holds ACCESS EXCLUSIVE on app.messages while every row is checked',
          instead:
            'ALTER TABLE app.messages ADD CONSTRAINT messages_check check (char_length(body) < 1000) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_check;',
        },
      ],
    },
    {
      up: 'alter table app.messages add column score integer default 1 check (score > 0)',
      findings: [
        {
          at: 'up 1:61',
          severity: 'error',
          message: 'ADD CHECK holds ACCESS EXCLUSIVE on app.messages while every row is checked',
          instead:
            'ALTER TABLE app.messages ADD COLUMN score integer default 1;\nALTER TABLE app.messages ADD CONSTRAINT messages_score_check check (score > 0) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_score_check;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'it is NOT VALID',
      up: 'alter table app.messages add constraint size_range check (size >= 0) not valid',
    },
    {
      because: 'it is not enforced',
      up: 'alter table app.messages add constraint size_range check (size >= 0) not enforced',
      major: 18,
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add check (b > 0)',
    },
  ],
};
