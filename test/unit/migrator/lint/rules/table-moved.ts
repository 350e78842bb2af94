/** Cases of table-moved. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages set tablespace fast',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET TABLESPACE copies app.messages under ACCESS EXCLUSIVE',
          instead: null,
        },
      ],
    },
    {
      up: 'alter index app.messages_kind_idx set tablespace fast',
      notRun: 'there is no such tablespace',
      findings: [
        {
          at: 'up 1:35',
          severity: 'error',
          message: 'SET TABLESPACE copies app.messages_kind_idx while it is locked with ACCESS EXCLUSIVE',
          instead: 'REINDEX (CONCURRENTLY, TABLESPACE fast) INDEX app.messages_kind_idx;',
        },
      ],
    },
    {
      up: 'alter table app.messages set access method heap',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'SET ACCESS METHOD rewrites app.messages under ACCESS EXCLUSIVE',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new set tablespace fast',
    },
  ],
};
