/** What may travel with others without having been parsed: where it says yes, it must be right. */
import { describe, expect, it } from 'vitest';
import { plainSql } from '../../../src/migrator/plain-sql.ts';

describe('a text is plain', () => {
  it.each([
    ['create table a (id int);', 2],
    ['create table a (id int)', 1],
    ["-- begin; with 'an open string\ncreate table a (name text default 'it''s; fine');\ncreate index on a (name);", 3],
    ['/* commit /* nested */ $$ still a comment */ alter table "o;d""d" add column b int;', 2],
    ["insert into a values ('x') on conflict do nothing;", 2],
    ['create trigger t before update on a for each row execute function f();', 2],
    ["comment on table a is 'begin; commit; do nothing that ends'; select 'commit';", 3],
    ['create function f() returns int language sql as $$ select 1; select 2 $$;', 2],
    ['create or replace procedure p() language plpgsql as $x_1$ begin commit; $$ end; $x_1$; select 1;', 3],
    ['/* a; */ create function f() returns trigger as\n$$ begin return new; end $$ language plpgsql', 1],
    ['create view v as select case when a then 1 else 2 end from t;', 2],
    ['', 1],
    ['-- only a comment', 1],
  ])('%j', (sql, statements) => {
    expect(plainSql(sql)).toEqual({ statements });
  });
});

describe('a text is left to the parser', () => {
  it.each([
    ['that ends the transaction', 'create table a ();\ncommit;'],
    ['that ends it behind a comment', 'create table a (); /* x */ COMMIT /* y */;'],
    ['that opens one', 'start transaction; select 1;'],
    ['that cannot be in one', 'create index concurrently a_b on a (b);'],
    ['that ends it by its other word', 'create table a (); end;'],
    ['that ends it so at once', 'end'],
    ['with a body of several statements', 'create function f() returns int begin atomic select 1; select 2; end;'],
    ['with an open body', 'create function f() returns int language sql as $a$ select 1 $$;'],
    ['that ends it behind a body', 'create function f() returns int language sql as $$ select 1 $$; commit;'],
    ['that ends it in what is no body', 'select a$$b; commit; select a$$b;'],
    ['with a parameter', 'select $1; commit; select $1;'],
    ['with a text between dollars', 'select $$a$$;'],
    [
      'with a block behind a function',
      'create function f() returns int language sql as $$ select 1 $$; do $$ begin commit; end $$;',
    ],
    [
      'whose function changes our limits',
      "create function f() returns text language sql as $$ select set_config('lock_timeout', '0', true) $$;",
    ],
    ['with an escape in a string', "select 'a\\'; commit; --'"],
    ['with escapes', "select E'a\\'; commit; --'"],
    ['with an open string', "create table a (); select 'x"],
    ['with an open name', 'create table a (); select "x'],
    ['with an open comment', 'create table a (); /* and /* so */ on'],
    ['that runs code', 'call f();'],
    ['with a block', "do 'x'"],
    ['that sets our limits', 'set lock_timeout = 0; create table a ();'],
    ['that reads from the client', 'copy a from stdin;'],
    ['that sets our limits by a name with escapes', 'set U&"lock\\005ftimeout" = 0;'],
    ['that sets them by escapes of its own', 'set u&"lock!005ftimeout" uescape \'!\' = 0;'],
    [
      'that sets them so in a function',
      'create function f() returns int language sql as $$ set U&"lock!005ftimeout" uescape \'!\' = 0; $$;',
    ],
    ['with escapes of Unicode in a string', "select u&'d!0061ta' uescape '!';"],
    ['with a backslash in a name', 'select 1 as "a\\b";'],
    [
      'that sets our limits by their view',
      "update pg_settings set setting = '0' where name like 'lock!_time%' escape '!';",
    ],
    ['with a NUL', 'select 1;\0 commit'],
  ])('%s', (_, sql) => {
    expect(plainSql(sql)).toBeUndefined();
  });
});
