/** Cases of stored-generated-column. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add column half integer generated always as (size / 2) stored',
      findings: [
        {
          at: 'up 1:50',
          severity: 'error',
          message: 'ADD COLUMN half, generated and stored, rewrites app.messages under ACCESS EXCLUSIVE',
          instead: 'CREATE VIEW app.messages_with_half AS SELECT *, (size / 2)::integer AS half FROM app.messages;',
        },
      ],
    },
    {
      up: 'alter table app.messages add column half integer generated always as (size / 2) stored',
      major: 18,
      findings: [
        {
          at: 'up 1:50',
          severity: 'error',
          message: 'ADD COLUMN half, generated and stored, rewrites app.messages under ACCESS EXCLUSIVE',
          instead: 'ALTER TABLE app.messages ADD COLUMN half integer generated always as (size / 2) VIRTUAL;',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a virtual column is computed when it is read',
      up: 'alter table app.messages add column half integer generated always as (size / 2) virtual',
      major: 18,
    },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add column c integer generated always as (b / 2) stored',
    },
  ],
};
