/** Cases of several-locks. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add column a text;\nalter table app.users add column a text',
      notRun: 'it is the statement itself',
      findings: [
        {
          at: 'up 2:1',
          severity: 'error',
          message:
            'ACCESS EXCLUSIVE on app.users is waited for while ACCESS EXCLUSIVE on app.messages is held since line 1',
          instead: '-- in a migration of its own:\nalter table app.users add column a text;',
        },
      ],
    },
    {
      up: 'alter table app.messages add column a text;\nselect 1;\ncreate trigger t before insert on app.keyless for each row execute function app.f()',
      notRun: 'there is no such function',
      findings: [
        {
          at: 'up 3:1',
          severity: 'error',
          message:
            'SHARE ROW EXCLUSIVE on app.keyless is waited for while ACCESS EXCLUSIVE on app.messages is held since line 1',
          instead:
            '-- in a migration of its own:\ncreate trigger t before insert on app.keyless for each row execute function app.f();',
        },
      ],
    },
  ],
  silent: [
    {
      because: 'twice the same table is one lock',
      up: 'alter table app.messages add column a text;\nalter table app.messages add column b text',
    },
    {
      because: 'in a file without a transaction each has its own',
      up: '-- drydock:no-transaction\nalter table app.messages add column a text;\nalter table app.users add column a text',
    },
    {
      because: 'a statement alone ends the transaction before it',
      up: 'alter table app.messages add column a text;\ncreate index concurrently i on app.messages (a);\nalter table app.users add column a text',
    },
    {
      because: 'tables that a foreign key of a new table names cannot be locked apart',
      up: 'create table app.new (a bigint references app.users (id), b bigint references app.messages (id))',
    },
    {
      because: 'the other table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.messages add column a text;\nalter table app.new add column c text',
    },
  ],
};
