/** Cases of truncate. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'truncate app.messages, app.keyless',
      findings: [
        {
          at: 'up 1:10',
          severity: 'warning',
          message: 'TRUNCATE takes ACCESS EXCLUSIVE on app.messages and empties it',
          instead:
            '-- by a job outside of migrations, again and again until it changes no row:\nDELETE FROM app.messages WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages LIMIT 1000 FOR UPDATE SKIP LOCKED));',
        },
        {
          at: 'up 1:24',
          severity: 'warning',
          message: 'TRUNCATE takes ACCESS EXCLUSIVE on app.keyless and empties it',
          instead:
            '-- by a job outside of migrations, again and again until it changes no row:\nDELETE FROM app.keyless WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.keyless LIMIT 1000 FOR UPDATE SKIP LOCKED));',
        },
      ],
    },
    {
      up: 'truncate table app.users cascade',
      findings: [
        {
          at: 'up 1:16',
          severity: 'error',
          message:
            'TRUNCATE CASCADE takes ACCESS EXCLUSIVE on app.users and empties it, and every table that refers to it with it',
          instead:
            '-- by a job outside of migrations, again and again until it changes no row:\nDELETE FROM app.users WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.users LIMIT 1000 FOR UPDATE SKIP LOCKED));',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ntruncate app.new',
    },
  ],
};
