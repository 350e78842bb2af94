/** Cases of index-without-concurrently. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create index messages_note on app.messages (note) where note is not null',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CREATE INDEX takes SHARE on app.messages: writers wait until the index is built',
          instead: 'create index CONCURRENTLY messages_note on app.messages (note) where note is not null;',
        },
      ],
    },
    {
      up: 'CREATE UNIQUE INDEX ON app.messages (lower(note), user_id)',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CREATE INDEX takes SHARE on app.messages: writers wait until the index is built',
          instead: 'CREATE UNIQUE INDEX CONCURRENTLY messages_user_id_idx ON app.messages (lower(note), user_id);',
        },
      ],
    },
    {
      up: 'create index logs_line on app.logs (line)',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CREATE INDEX takes SHARE on app.logs: writers wait until the index is built',
          instead:
            'create index logs_line ON ONLY app.logs (line);\ncreate index CONCURRENTLY logs_1_logs_line ON app.logs_1 (line);\nALTER INDEX app.logs_line ATTACH PARTITION app.logs_1_logs_line;',
        },
      ],
    },
    {
      up: 'create index i on other.things (a)',
      target: 'files',
      notRun: 'there is no such table',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'CREATE INDEX takes SHARE on other.things: writers wait until the index is built',
          instead: 'create index CONCURRENTLY i on other.things (a);',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ncreate index new_a on app.new (a)',
    },
    { because: 'it is built CONCURRENTLY', up: 'create index concurrently messages_note on app.messages (note)' },
    { because: 'the table is temporary', up: 'create temp table t (a int);\ncreate index on t (a)' },
    {
      because: 'ON ONLY a partitioned table has no rows of its own',
      up: 'create index logs_line on only app.logs (line)',
    },
  ],
};
