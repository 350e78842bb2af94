/** Cases of column-rename. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages rename column size to length',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'RENAME COLUMN size TO length on app.messages takes the old name away at once',
          instead:
            "ALTER TABLE app.messages ADD COLUMN length integer;\nCREATE FUNCTION app.messages_length_fill() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN NEW.length := NEW.size; RETURN NEW; END $$;\nCREATE TRIGGER messages_length_fill BEFORE INSERT OR UPDATE ON app.messages FOR EACH ROW EXECUTE FUNCTION app.messages_length_fill();\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET length = size WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE length IS DISTINCT FROM size LIMIT 1000 FOR UPDATE SKIP LOCKED));\n-- then, in a migration of its own:\n-- once every program reads and writes length: drop the trigger, its function, and size\nDROP TRIGGER messages_length_fill ON app.messages;\nDROP FUNCTION app.messages_length_fill();\n-- drydock:allow column-drop: no program reads or writes size any more\nALTER TABLE app.messages DROP COLUMN size;",
        },
      ],
    },
    {
      up: 'alter table other.things rename a to b',
      target: 'files',
      notRun: 'there is no such table',
      findings: [
        {
          at: 'up 1:1',
          severity: 'error',
          message: 'RENAME COLUMN a TO b on other.things takes the old name away at once',
          instead: null,
        },
      ],
    },
  ],
  silent: [
    { because: 'a view is another matter', up: 'alter view app.v rename column a to b' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new rename column a to c',
    },
  ],
};
