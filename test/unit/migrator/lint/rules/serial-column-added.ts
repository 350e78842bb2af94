/** Cases of serial-column-added. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages add column number bigserial',
      findings: [
        {
          at: 'up 1:37',
          severity: 'error',
          message: 'ADD COLUMN number, serial, rewrites app.messages under ACCESS EXCLUSIVE',
          instead:
            "ALTER TABLE app.messages ADD COLUMN number bigint;\nCREATE SEQUENCE app.messages_number_seq OWNED BY app.messages.number;\nALTER TABLE app.messages ALTER COLUMN number SET DEFAULT nextval('app.messages_number_seq');\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET number = nextval('app.messages_number_seq') WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE number IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED));",
        },
      ],
    },
    {
      up: 'alter table app.messages add column number integer generated always as identity',
      findings: [
        {
          at: 'up 1:37',
          severity: 'error',
          message: 'ADD COLUMN number, an identity, rewrites app.messages under ACCESS EXCLUSIVE',
          instead:
            "ALTER TABLE app.messages ADD COLUMN number integer;\nCREATE SEQUENCE app.messages_number_seq OWNED BY app.messages.number;\nALTER TABLE app.messages ALTER COLUMN number SET DEFAULT nextval('app.messages_number_seq');\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET number = nextval('app.messages_number_seq') WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE number IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED));",
        },
      ],
    },
  ],
  silent: [
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new add column c serial',
    },
    {
      because: 'it counts only for rows that come',
      up: "alter table app.messages alter column size set default nextval('app.s')",
    },
  ],
};
