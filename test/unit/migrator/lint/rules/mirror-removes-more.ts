/** Cases of mirror-removes-more. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.x (a int)',
      down: 'drop table app.x;\ndrop table app.users',
      findings: [
        {
          at: 'down 2:1',
          severity: 'error',
          message: 'the mirror removes table app.users, which m/001_case.up.sql does not make',
          instead: null,
        },
      ],
    },
    {
      up: 'create or replace function app.f() returns int language sql return 2',
      before: ['create function app.f() returns int language sql return 1'],
      down: 'drop function app.f()',
      findings: [
        {
          at: 'down 1:1',
          severity: 'error',
          message: 'the mirror removes function app.f, which m/002_case.up.sql does not make',
          instead: null,
        },
      ],
    },
    {
      up: 'alter table app.messages add column a text',
      down: 'alter table app.messages drop column a, drop column note',
      findings: [
        {
          at: 'down 1:1',
          severity: 'error',
          message: 'the mirror removes column app.messages.note, which m/001_case.up.sql does not make',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'it removes what its migration makes',
      up: "create table app.x (a int);\ncreate type app.t as enum ('a')",
      down: 'drop type app.t;\ndrop table app.x',
    },
    {
      because: 'constraints have names that nobody wrote',
      up: 'alter table app.users add unique (email)',
      down: 'alter table app.users drop constraint users_email_key',
    },
    {
      because: 'what is dropped is made again',
      up: 'select 1',
      down: 'drop view app.v;\ncreate view app.v as select 1 as a',
    },
    {
      because: 'a type takes the name of another',
      up: "alter type app.mood add value 'calm'",
      down: "alter type app.mood rename to mood_old;\ncreate type app.mood as enum ('good', 'bad');\ndrop type app.mood_old",
    },
    {
      because: 'it removes what it has made itself',
      up: 'select 1',
      down: 'create function app.back() returns int language sql return 1;\ndrop function app.back()',
    },
    {
      because: 'a renamed table is the same table',
      up: 'create table app.x (a int);\nalter table app.x rename to y',
      down: 'drop table app.y',
    },
  ],
};
