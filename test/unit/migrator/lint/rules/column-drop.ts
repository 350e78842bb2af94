/** Cases of column-drop. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages drop column note, drop column if exists size cascade',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'DROP COLUMN note takes ACCESS EXCLUSIVE on app.messages and removes its values',
          instead:
            'ALTER TABLE app.messages ALTER COLUMN note DROP NOT NULL;\n-- then, in a migration of its own:\n-- drydock:allow column-drop: no release that runs reads or writes it any more\nALTER TABLE app.messages drop column note;',
        },
        {
          at: 'up 1:44',
          severity: 'error',
          message: 'DROP COLUMN size takes ACCESS EXCLUSIVE on app.messages and removes its values',
          instead:
            'ALTER TABLE app.messages ALTER COLUMN size DROP NOT NULL;\n-- then, in a migration of its own:\n-- drydock:allow column-drop: no release that runs reads or writes it any more\nALTER TABLE app.messages drop column if exists size cascade;',
        },
      ],
    },
  ],
  silent: [
    { because: 'it is not there', up: 'alter table app.messages drop column if exists nothing' },
    {
      because: 'a mirror drops what its migration has added',
      up: 'alter table app.messages add column c text',
      down: 'alter table app.messages drop column c',
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new drop column a',
    },
  ],
};
