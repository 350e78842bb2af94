/** Cases of unique-constraint-without-index. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add constraint messages_once unique (user_id, id) deferrable initially deferred',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'ADD UNIQUE holds ACCESS EXCLUSIVE on app.messages while its index is built',
          instead:
            'CREATE UNIQUE INDEX CONCURRENTLY messages_once ON app.messages (user_id, id);\nALTER TABLE app.messages ADD CONSTRAINT messages_once UNIQUE USING INDEX messages_once DEFERRABLE INITIALLY DEFERRED;',
        },
      ],
    },
    {
      up: 'alter table app.users add unique nulls not distinct (email)',
      findings: [
        {
          at: 'up 1:23',
          severity: 'error',
          message: 'ADD UNIQUE holds ACCESS EXCLUSIVE on app.users while its index is built',
          instead:
            'CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON app.users (email) NULLS NOT DISTINCT;\nALTER TABLE app.users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;',
        },
      ],
    },
    {
      up: 'alter table app.messages add column token text unique',
      findings: [
        {
          at: 'up 1:48',
          severity: 'error',
          message: 'ADD UNIQUE holds ACCESS EXCLUSIVE on app.messages while its index is built',
          instead:
            'ALTER TABLE app.messages ADD COLUMN token text;\nCREATE UNIQUE INDEX CONCURRENTLY messages_token_key ON app.messages (token);\nALTER TABLE app.messages ADD CONSTRAINT messages_token_key UNIQUE USING INDEX messages_token_key;',
        },
      ],
    },
    {
      up: 'alter table app.logs add unique (id, at)',
      findings: [
        {
          at: 'up 1:22',
          severity: 'error',
          message: 'ADD UNIQUE holds ACCESS EXCLUSIVE on app.logs while its index is built',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: 'it takes an index over', up: 'alter table app.users add constraint u unique using index users_email' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add unique (a)',
    },
  ],
};
