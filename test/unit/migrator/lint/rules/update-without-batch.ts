/** Cases of update-without-batch. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "update app.messages set note = 'none'",
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'UPDATE sets note in every row of app.messages, in one transaction',
          instead:
            "-- by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET note = 'none' WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE note IS DISTINCT FROM 'none' LIMIT 1000 FOR UPDATE SKIP LOCKED));",
        },
      ],
    },
    {
      up: 'update app.messages set note = kind where note is null',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'UPDATE sets note in the rows that have none yet of app.messages, in one transaction',
          instead:
            '-- by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET note = kind WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE note is null AND note IS DISTINCT FROM kind LIMIT 1000 FOR UPDATE SKIP LOCKED));',
        },
      ],
    },
    {
      up: "update app.messages set note = 'x', size = 1",
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'UPDATE sets note, size in every row of app.messages, in one transaction',
          instead: null,
        },
      ],
    },
    {
      up: 'update app.messages set size = size + 1',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'UPDATE sets size in every row of app.messages, in one transaction',
          instead: null,
        },
      ],
    },
    {
      up: 'update app.messages m set note = u.name from app.users u',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'UPDATE sets note in every row of app.messages, in one transaction',
          instead: null,
        },
      ],
    },
    {
      up: 'delete from app.keyless',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'DELETE removes every row of app.keyless, in one transaction',
          instead:
            '-- by a job outside of migrations, again and again until it changes no row:\nDELETE FROM app.keyless WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.keyless LIMIT 1000 FOR UPDATE SKIP LOCKED));',
        },
      ],
    },
  ],
  silent: [
    { because: 'WHERE names the rows', up: "update app.messages set note = 'x' where kind = 'mail'" },
    {
      because: 'it is a batch',
      up: "update app.messages set note = 'x' where id in (select id from app.messages where note is null limit 1000)",
    },
    {
      because: 'the table is made by the same plan',
      up: "create table app.new (id bigint, a text, b integer);\nupdate app.new set a = 'x'",
    },
  ],
};
