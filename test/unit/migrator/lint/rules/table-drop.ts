/** Cases of table-drop. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'drop table app.keyless, app.moods',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'DROP TABLE takes ACCESS EXCLUSIVE on app.keyless, and removes its rows',
          instead:
            '-- drydock:allow table-drop: no release that runs reads or writes it any more\nDROP TABLE app.keyless;',
        },
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'DROP TABLE takes ACCESS EXCLUSIVE on app.moods, and removes its rows',
          instead:
            '-- drydock:allow table-drop: no release that runs reads or writes it any more\nDROP TABLE app.moods;',
        },
      ],
    },
    {
      up: 'drop table if exists app.users',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'DROP TABLE takes ACCESS EXCLUSIVE on app.users, and removes its rows',
          instead:
            '-- drydock:allow table-drop: no release that runs reads or writes it any more\nDROP TABLE IF EXISTS app.users;',
        },
      ],
    },
  ],
  silent: [
    { because: 'it is not there', up: 'drop table if exists app.nothing' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ndrop table app.new',
    },
    {
      because: 'a mirror drops what its migration has made',
      up: 'create table app.x (a int)',
      down: 'drop table app.x',
    },
  ],
};
