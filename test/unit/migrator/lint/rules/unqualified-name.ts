/** Cases of unqualified-name. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table messages add column a text',
      schemas: ['app', 'core'],
      notRun: 'the column is added by another case',
      findings: [
        {
          at: 'up 1:13',
          severity: 'warning',
          message: 'messages is named without its schema, and 2 schemas are owned: app, core',
          instead: 'alter table app.messages add column a text;',
        },
      ],
    },
    {
      up: 'create table things (a int)',
      schemas: ['app', 'core'],
      findings: [
        {
          at: 'up 1:14',
          severity: 'warning',
          message: 'things is named without its schema, and 2 schemas are owned: app, core',
          instead: 'create table app.things (a int);',
        },
      ],
    },
    {
      up: 'create function f() returns int language sql return 1',
      schemas: ['app', 'core'],
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'the function f is made without a schema, and 2 are owned: app, core',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: 'one schema is owned', up: 'create table things (a int)' },
    { because: 'the schema is written', up: 'create table core.things (a int)', schemas: ['app', 'core'] },
    { because: 'a temporary table has none', up: 'create temp table t (a int)', schemas: ['app', 'core'] },
  ],
};
