/** Cases of not-null-without-check. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages alter column kind set not null',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET NOT NULL holds ACCESS EXCLUSIVE on app.messages while every row is read for nulls in kind',
          instead:
            'ALTER TABLE app.messages ADD CONSTRAINT messages_kind_not_null CHECK (kind IS NOT NULL) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_kind_not_null;\n-- then, in a migration of its own:\nALTER TABLE app.messages ALTER COLUMN kind SET NOT NULL;\nALTER TABLE app.messages DROP CONSTRAINT messages_kind_not_null;',
        },
      ],
    },
    {
      up: 'alter table app.messages alter column kind set not null',
      major: 18,
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET NOT NULL holds ACCESS EXCLUSIVE on app.messages while every row is read for nulls in kind',
          instead:
            'ALTER TABLE app.messages ADD CONSTRAINT messages_kind_not_null NOT NULL kind NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_kind_not_null;',
        },
      ],
    },
    {
      up: 'alter table app.messages add constraint k check (kind is not null) not valid;\nalter table app.messages alter column kind set not null',
      findings: [
        {
          at: 'up 2:26',
          severity: 'error',
          message: 'SET NOT NULL holds ACCESS EXCLUSIVE on app.messages while every row is read for nulls in kind',
          instead:
            'ALTER TABLE app.messages ADD CONSTRAINT messages_kind_not_null CHECK (kind IS NOT NULL) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE app.messages VALIDATE CONSTRAINT messages_kind_not_null;\n-- then, in a migration of its own:\nALTER TABLE app.messages ALTER COLUMN kind SET NOT NULL;\nALTER TABLE app.messages DROP CONSTRAINT messages_kind_not_null;',
        },
      ],
    },
    {
      up: 'alter table other.things alter column a set not null',
      target: 'files',
      notRun: 'there is no such table',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET NOT NULL holds ACCESS EXCLUSIVE on other.things while every row is read for nulls in a',
          instead:
            'ALTER TABLE other.things ADD CONSTRAINT things_a_not_null CHECK (a IS NOT NULL) NOT VALID;\n-- then, in a migration of its own:\nALTER TABLE other.things VALIDATE CONSTRAINT things_a_not_null;\n-- then, in a migration of its own:\nALTER TABLE other.things ALTER COLUMN a SET NOT NULL;\nALTER TABLE other.things DROP CONSTRAINT things_a_not_null;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a validated check says so already',
      before: [
        'alter table app.messages add constraint k check (kind is not null) not valid',
        'alter table app.messages validate constraint k',
      ],
      up: 'alter table app.messages alter column kind set not null',
    },
    {
      because: 'the same without a database',
      target: 'files',
      before: [
        'alter table other.t add constraint k check (a is not null and b > 0) not valid',
        'alter table other.t validate constraint k',
      ],
      up: 'alter table other.t alter column a set not null',
    },
    { because: 'it is so already', up: 'alter table app.messages alter column body set not null' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new alter column a set not null',
    },
  ],
};
