/** Cases of drop-cascade. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'drop table app.users cascade',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CASCADE also removes whatever hangs on table app.users',
          instead: 'drop table app.users;',
        },
      ],
    },
    {
      up: 'drop schema app cascade',
      notRun: 'the schema is not empty, and the server says so',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CASCADE also removes whatever hangs on schema app, such as app.keyless, app.logs, app.logs_1',
          instead: 'drop schema app;',
        },
      ],
    },
    {
      up: 'alter table app.messages drop column note cascade',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CASCADE also removes whatever hangs on column app.messages.note',
          instead: 'alter table app.messages drop column note;',
        },
      ],
    },
    {
      up: 'create table app.x (a int)',
      down: 'drop table app.x cascade',
      notRun: 'the table is made by the up file',
      findings: [
        {
          at: 'down 1:1',
          severity: 'warning',
          message: 'CASCADE also removes whatever hangs on table app.x',
          instead: 'drop table app.x;',
        },
      ],
    },
  ],
  silent: [
    { because: 'without it the server refuses what would lose more', up: 'drop table app.users' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ndrop table app.new cascade',
    },
  ],
};
