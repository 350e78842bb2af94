/** Cases of json-type. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "create table app.new (data json not null default '{}')",
      findings: [
        {
          at: 'up 1:28',
          severity: 'warning',
          message: 'app.new.data is json, which has no equality and no index of its content',
          instead: "create table app.new (data jsonb not null default '{}');",
        },
      ],
    },
  ],
  silent: [{ because: 'it is jsonb', up: 'create table app.new (data jsonb)' }],
};
