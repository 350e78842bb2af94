/** Cases of timestamp-without-time-zone. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create table app.new (at timestamp(3) without time zone not null)',
      findings: [
        {
          at: 'up 1:26',
          severity: 'warning',
          message: 'app.new.at is timestamp without time zone, which is no point in time',
          instead: 'create table app.new (at timestamptz(3) not null);',
        },
      ],
    },
    {
      up: 'alter table app.messages add column at timestamp default now()',
      findings: [
        {
          at: 'up 1:40',
          severity: 'warning',
          message: 'app.messages.at is timestamp without time zone, which is no point in time',
          instead: 'alter table app.messages add column at timestamptz default now();',
        },
      ],
    },
  ],
  silent: [{ because: 'it is a point in time', up: 'create table app.new (a timestamptz, b date)' }],
};
