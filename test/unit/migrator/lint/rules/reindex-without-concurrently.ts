/** Cases of reindex-without-concurrently. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'reindex table app.messages',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'REINDEX takes SHARE on app.messages and ACCESS EXCLUSIVE on its indexes',
          instead: 'REINDEX TABLE CONCURRENTLY app.messages;',
        },
      ],
    },
    {
      up: 'reindex index app.messages_kind_idx',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'REINDEX takes SHARE on app.messages and ACCESS EXCLUSIVE on its indexes',
          instead: 'REINDEX INDEX CONCURRENTLY app.messages_kind_idx;',
        },
      ],
    },
    {
      up: 'reindex schema app',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'REINDEX takes SHARE on each table of the schema app in turn and ACCESS EXCLUSIVE on its indexes',
          instead: 'REINDEX SCHEMA CONCURRENTLY app;',
        },
      ],
    },
  ],
  silent: [
    { because: 'it is done CONCURRENTLY', up: 'reindex (verbose) table concurrently app.messages' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nreindex table app.new',
    },
  ],
};
