/** Cases of definer-without-search-path. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create function app.f() returns bigint language sql security definer as $$ select count(*) from app.users $$',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'app.f is SECURITY DEFINER and has no search_path of its own',
          instead:
            'create function app.f() returns bigint language sql security definer as $$ select count(*) from app.users $$\nSET search_path = app, pg_temp;',
        },
      ],
    },
    {
      up: 'create or replace function app.f(a int) returns bigint language sql security definer return a',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'app.f is SECURITY DEFINER and has no search_path of its own',
          instead:
            'create or replace function app.f(a int) returns bigint language sql security definer return a;\nALTER FUNCTION app.f SET search_path = app, pg_temp;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'it has one',
      up: "create function app.f() returns int language sql security definer set search_path = '' as 'select 1'",
    },
    {
      because: 'it gets one in the same transaction',
      up: "create function app.f() returns int language sql security definer as 'select 1';\nalter function app.f() set search_path = ''",
    },
    {
      because: 'it runs with the rights of its caller',
      up: "create function app.f() returns int language sql as 'select 1'",
    },
  ],
};
