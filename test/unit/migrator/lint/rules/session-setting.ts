/** Cases of session-setting. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "set lock_timeout = '1h'",
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'SET lock_timeout overrides how long migrate waits, and so how long others wait behind it',
          instead: null,
        },
      ],
    },
    {
      up: 'set local statement_timeout = 0',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'SET statement_timeout overrides how long migrate waits, and so how long others wait behind it',
          instead: null,
        },
      ],
    },
    {
      up: "select pg_catalog.set_config('search_path', '', false)",
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message:
            "set_config('search_path', …) makes names without a schema mean something else; write the schema out",
          instead: null,
        },
      ],
    },
    {
      up: 'set role owner',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'SET role makes what follows belong to somebody else',
          instead: null,
        },
      ],
    },
    {
      up: 'reset all',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'RESET ALL removes the limits that migrate has set',
          instead: null,
        },
      ],
    },
    {
      up: 'set session_replication_role = replica',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'SET session_replication_role switches triggers and foreign keys off',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: "memory for an index is nobody else's matter", up: "set maintenance_work_mem = '1GB'" },
    {
      because: 'a function may have its own search_path',
      up: "create function app.f() returns int language sql set search_path = '' return 1",
    },
  ],
};
