/** Cases of enum-value-used. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: "alter type app.mood add value 'calm';\nupdate app.moods set mood = 'calm' where mood = 'bad'",
      notRun: 'the value is added by the statement before',
      findings: [
        {
          at: 'up 2:1',
          severity: 'error',
          message: "'calm' is used in the transaction that has added it in line 1",
          instead: "-- in a migration of its own:\nupdate app.moods set mood = 'calm' where mood = 'bad';",
        },
      ],
    },
  ],
  silent: [
    {
      because: 'another transaction has added it',
      before: ["alter type app.mood add value 'calm'"],
      up: "update app.moods set mood = 'calm' where mood = 'bad'",
    },
    {
      because: 'the type is made by the same transaction',
      up: "create type app.size as enum ('small');\nalter type app.size add value 'large';\ncreate table app.x (s app.size default 'large')",
    },
    { because: 'it is not used', up: "alter type app.mood add value 'calm';\nselect 1" },
  ],
};
