/** Cases of type-change. */
import type { RuleCases } from '../rule-cases.ts';

export const cases: RuleCases = {
  found: [
    {
      up: 'alter table app.messages alter column size type bigint',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'ALTER COLUMN size TYPE bigint from integer rewrites app.messages under ACCESS EXCLUSIVE',
          instead:
            "ALTER TABLE app.messages ADD COLUMN size_new bigint;\nCREATE FUNCTION app.messages_size_new_fill() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN NEW.size_new := NEW.size::bigint; RETURN NEW; END $$;\nCREATE TRIGGER messages_size_new_fill BEFORE INSERT OR UPDATE ON app.messages FOR EACH ROW EXECUTE FUNCTION app.messages_size_new_fill();\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET size_new = size::bigint WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE size_new IS DISTINCT FROM size::bigint LIMIT 1000 FOR UPDATE SKIP LOCKED));\n-- then, in a migration of its own:\n-- once every program reads and writes size_new: drop the trigger, its function, and size\nDROP TRIGGER messages_size_new_fill ON app.messages;\nDROP FUNCTION app.messages_size_new_fill();\n-- drydock:allow column-drop: no program reads or writes size any more\nALTER TABLE app.messages DROP COLUMN size;",
        },
      ],
    },
    {
      up: 'alter table app.users alter column name type varchar(10)',
      findings: [
        {
          at: 'up 1:23',
          severity: 'error',
          message:
            'ALTER COLUMN name TYPE character varying(10) from character varying(20) rewrites app.users under ACCESS EXCLUSIVE',
          instead:
            "ALTER TABLE app.users ADD COLUMN name_new character varying(10);\nCREATE FUNCTION app.users_name_new_fill() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN NEW.name_new := NEW.name::character varying(10); RETURN NEW; END $$;\nCREATE TRIGGER users_name_new_fill BEFORE INSERT OR UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.users_name_new_fill();\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.users SET name_new = name::character varying(10) WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.users WHERE name_new IS DISTINCT FROM name::character varying(10) LIMIT 1000 FOR UPDATE SKIP LOCKED));\n-- then, in a migration of its own:\n-- once every program reads and writes name_new: drop the trigger, its function, and name\nDROP TRIGGER users_name_new_fill ON app.users;\nDROP FUNCTION app.users_name_new_fill();\n-- drydock:allow column-drop: no program reads or writes name any more\nALTER TABLE app.users DROP COLUMN name;",
        },
      ],
    },
    {
      up: 'alter table app.messages alter column kind type app.mood using kind::app.mood',
      notRun: 'the values of the rows are others',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'ALTER COLUMN kind TYPE app.mood from text rewrites app.messages under ACCESS EXCLUSIVE',
          instead:
            "ALTER TABLE app.messages ADD COLUMN kind_new app.mood;\nCREATE FUNCTION app.messages_kind_new_fill() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN NEW.kind_new := NEW.kind::app.mood; RETURN NEW; END $$;\nCREATE TRIGGER messages_kind_new_fill BEFORE INSERT OR UPDATE ON app.messages FOR EACH ROW EXECUTE FUNCTION app.messages_kind_new_fill();\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE app.messages SET kind_new = kind::app.mood WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.messages WHERE kind_new IS DISTINCT FROM kind::app.mood LIMIT 1000 FOR UPDATE SKIP LOCKED));\n-- then, in a migration of its own:\n-- once every program reads and writes kind_new: drop the trigger, its function, and kind\nDROP TRIGGER messages_kind_new_fill ON app.messages;\nDROP FUNCTION app.messages_kind_new_fill();\n-- drydock:allow column-drop: no program reads or writes kind any more\nALTER TABLE app.messages DROP COLUMN kind;",
        },
      ],
    },
    {
      up: 'alter table app.messages alter column size type text using case when size > 1 then 1 end',
      findings: [
        {
          at: 'up 1:26',
          severity: 'error',
          message: 'ALTER COLUMN size TYPE text from integer rewrites app.messages under ACCESS EXCLUSIVE',
          instead: null,
        },
      ],
    },
    {
      up: 'alter table other.things alter column a type text',
      target: 'files',
      notRun: 'there is no such table',
      findings: [
        {
          at: 'up 1:26',
          severity: 'warning',
          message: 'ALTER COLUMN a TYPE text may rewrite other.things under ACCESS EXCLUSIVE',
          instead:
            "ALTER TABLE other.things ADD COLUMN a_new text;\nCREATE FUNCTION other.things_a_new_fill() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN NEW.a_new := NEW.a::text; RETURN NEW; END $$;\nCREATE TRIGGER things_a_new_fill BEFORE INSERT OR UPDATE ON other.things FOR EACH ROW EXECUTE FUNCTION other.things_a_new_fill();\n-- then by a job outside of migrations, again and again until it changes no row:\nUPDATE other.things SET a_new = a::text WHERE ctid = ANY (ARRAY(SELECT ctid FROM other.things WHERE a_new IS DISTINCT FROM a::text LIMIT 1000 FOR UPDATE SKIP LOCKED));\n-- then, in a migration of its own:\n-- once every program reads and writes a_new: drop the trigger, its function, and a\nDROP TRIGGER things_a_new_fill ON other.things;\nDROP FUNCTION other.things_a_new_fill();\n-- drydock:allow column-drop: no program reads or writes a any more\nALTER TABLE other.things DROP COLUMN a;",
        },
      ],
    },
  ],
  silent: [
    {
      because: 'a longer limit leaves the rows as they are',
      up: 'alter table app.users alter column name type varchar(40)',
    },
    { because: 'text is varchar without a limit', up: 'alter table app.users alter column name type text' },
    {
      because: 'the table is made by the same plan',
      up: 'create table app.new (id bigint, a text, b integer);\nalter table app.new alter column b type bigint',
    },
  ],
};
