/** Cases of mirror-incomplete. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "create table app.x (a int);\ncreate type app.t as enum ('a');\ncreate function app.f() returns int language sql return 1",
      down: 'drop table app.x',
      notRun: 'nothing was migrated',
      findings: [
        {
          at: 'up 2:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not remove type app.t',
          instead: '-- in the mirror:\nDROP TYPE app.t;',
        },
        {
          at: 'up 3:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not remove function app.f',
          instead: '-- in the mirror:\nDROP FUNCTION app.f;',
        },
      ],
    },
    {
      up: 'alter table app.messages add column a text, add constraint k check (size > 0) not valid;\ncreate trigger t before insert on app.messages for each row execute function app.f()',
      down: '-- nothing',
      notRun: 'nothing was migrated',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not remove column app.messages.a, constraint k on app.messages',
          instead:
            '-- in the mirror:\nALTER TABLE app.messages DROP CONSTRAINT k;\nALTER TABLE app.messages DROP COLUMN a;',
        },
        {
          at: 'up 2:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not remove trigger t on app.messages',
          instead: '-- in the mirror:\nDROP TRIGGER t ON app.messages;',
        },
      ],
    },
    {
      up: 'drop index concurrently app.messages_kind_idx;\nalter table app.messages drop column note',
      down: 'alter table app.messages add column other text',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not bring back index app.messages_kind_idx',
          instead: null,
        },
        {
          at: 'up 2:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not bring back column app.messages.note',
          instead: null,
        },
      ],
    },
    {
      up: 'drop index app.messages_kind_idx;\ncreate index messages_kind_idx on app.messages (kind) where size > 0',
      down: 'alter table app.messages drop column size',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not bring back index app.messages_kind_idx',
          instead: null,
        },
      ],
    },
    {
      up: 'create schema other;\ncreate view other.v as select 1 as a',
      down: 'drop view other.v',
      notRun: 'nothing was migrated',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'm/001_case.down.sql does not remove schema other',
          instead: '-- in the mirror:\nDROP SCHEMA other;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'with a table goes what hangs on it',
      up: 'create table app.x (a int);\ncreate index i on app.x (a);\nalter table app.x add constraint k check (a > 0);\ncreate policy p on app.x using (true);\ncreate sequence app.s owned by app.x.a',
      down: 'drop table app.x',
    },
    {
      because: 'with a column goes its index',
      up: 'alter table app.messages add column a text;\ncreate index concurrently i on app.messages (a)',
      down: 'alter table app.messages drop column a',
    },
    {
      because: 'with a schema and CASCADE goes everything in it',
      up: 'create schema other;\ncreate table other.t (a int);\ncreate function other.f() returns int language sql return 1',
      down: 'drop schema other cascade',
    },
    {
      because: 'what it removes itself is not left',
      up: 'create table app.x (a int);\ndrop table app.x',
      down: 'select 1',
    },
    {
      because: 'what was replaced is put back as it was',
      before: ['create function app.f() returns int language sql return 1'],
      up: 'create or replace function app.f() returns int language sql return 2',
      down: 'create or replace function app.f() returns int language sql return 1',
    },
    {
      because: 'with a column goes a constraint that names it',
      up: 'alter table app.messages add column a text;\nalter table app.messages add constraint k check (a <> kind) not valid',
      down: 'alter table app.messages drop column a',
    },
    {
      because: 'what is dropped is brought back',
      up: 'alter table app.messages drop column note;\ndrop index app.messages_kind_idx',
      down: 'create index messages_kind_idx on app.messages (kind);\nalter table app.messages add column note text',
    },
    {
      because: 'a type takes the name of another',
      up: "create type app.new_mood as enum ('good');\nalter table app.moods alter column mood type app.new_mood using mood::text::app.new_mood;\ndrop type app.mood;\nalter type app.new_mood rename to mood",
      down: "create type app.old_mood as enum ('good', 'bad');\nalter table app.moods alter column mood type app.old_mood using mood::text::app.old_mood;\ndrop type app.mood;\nalter type app.old_mood rename to mood",
    },
    {
      because: 'the mirror renames the table before',
      up: 'alter table app.keyless rename to other;\nalter table app.other add column c text, drop column b',
      down: 'alter table app.other rename to keyless;\nalter table app.keyless drop column c, add column b bigint',
    },
    {
      because: 'a column is removed under its new name',
      up: 'alter table app.messages add column a text;\nalter table app.messages rename column a to b',
      down: 'alter table app.messages drop column b',
    },
    {
      because: 'what a DO block does cannot be seen',
      up: 'create table app.x (a int)',
      down: "do $$ begin execute 'drop table app.x'; end $$",
    },
    { because: 'there is no mirror', up: 'create table app.x (a int)' },
  ],
};
