/** Cases of trigger-on-busy-table. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'create trigger t before insert on app.messages for each row execute function app.f()',
      findings: [
        {
          at: 'up 1:1',
          severity: 'warning',
          message: 'CREATE TRIGGER t takes SHARE ROW EXCLUSIVE on app.messages and changes what every write does',
          instead: null,
        },
      ],
    },
    {
      up: 'create function app.f() returns trigger language plpgsql as $$ begin return new; end $$;\ncreate trigger t before insert on app.messages for each row execute function app.f()',
      notRun: 'the function is made by the statement before',
      findings: [
        {
          at: 'up 2:1',
          severity: 'warning',
          message: 'CREATE TRIGGER t takes SHARE ROW EXCLUSIVE on app.messages and changes what every write does',
          instead:
            '-- in a migration of its own:\ncreate trigger t before insert on app.messages for each row execute function app.f();',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\ncreate trigger t before insert on app.new for each row execute function app.f()',
    },
  ],
};
