/** Cases of index-drop-without-concurrently. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'drop index app.messages_kind_idx, app.messages_size_idx',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message:
            'DROP INDEX takes ACCESS EXCLUSIVE on app.messages: nobody can read or write while it waits for its turn',
          instead: 'DROP INDEX CONCURRENTLY app.messages_kind_idx;',
        },
        {
          at: 'up 1:1',
          severity: 'error',
          message:
            'DROP INDEX takes ACCESS EXCLUSIVE on app.messages: nobody can read or write while it waits for its turn',
          instead: 'DROP INDEX CONCURRENTLY app.messages_size_idx;',
        },
      ],
    },
    {
      up: 'drop index if exists app.messages_kind_idx',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message:
            'DROP INDEX takes ACCESS EXCLUSIVE on app.messages: nobody can read or write while it waits for its turn',
          instead: 'DROP INDEX CONCURRENTLY IF EXISTS app.messages_kind_idx;',
        },
      ],
    },
    {
      up: 'drop index other.things_a',
      target: 'files',
      notRun: 'there is no such index',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message:
            'DROP INDEX takes ACCESS EXCLUSIVE on the table of other.things_a: nobody can read or write while it waits for its turn',
          instead: 'DROP INDEX CONCURRENTLY other.things_a;',
        },
      ],
    },
    {
      up: 'create index concurrently m on app.messages (note)',
      down: 'drop index app.m',
      notRun: 'the index is made by the up file',
      findings: [
        {
          at: 'down 1:1',
          severity: 'error',
          message:
            'DROP INDEX takes ACCESS EXCLUSIVE on app.messages: nobody can read or write while it waits for its turn',
          instead: 'DROP INDEX CONCURRENTLY app.m;',
        },
      ],
    },
  ],
  silent: [
    { because: 'it is not there', up: 'drop index if exists app.nobody_knows_it' },
    { because: 'it is dropped CONCURRENTLY', up: 'drop index concurrently app.messages_kind_idx' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ncreate index new_a on app.new (a);\ndrop index app.new_a',
    },
  ],
};
