-- Makes the schema authz and the trigger functions that several of its tables share.
-- Locks: none that anybody else waits for; nothing exists here yet.

CREATE SCHEMA authz;

COMMENT ON SCHEMA authz IS
  'Who may do what in which organisation: permissions, roles that bundle them, and assignments of roles to users. Organisations are rows of core.organizations, people are rows of core.users; both belong to the schema core.';

CREATE FUNCTION authz.touch_updated_at() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION authz.touch_updated_at() IS
  'Trigger BEFORE UPDATE: sets updated_at to the time of the transaction.';

CREATE FUNCTION authz.refuse_change() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  RAISE EXCEPTION '% of %.% never changes', TG_ARGV[0], TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
          HINT = 'Write a new row instead.';
END
$$;

COMMENT ON FUNCTION authz.refuse_change() IS
  'Trigger BEFORE UPDATE with a WHEN condition: refuses the update (check_violation). Its argument names the columns for the message.';

CREATE FUNCTION authz.refuse_removal() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  IF current_setting('authz.remove_system_rows', true) IS NOT DISTINCT FROM TG_TABLE_NAME THEN
    RETURN CASE TG_LEVEL WHEN 'ROW' THEN OLD END;
  END IF;
  RAISE EXCEPTION '% of %.% cannot be removed', TG_ARGV[0], TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
          HINT = format('Whoever means it says so in the same transaction: SET LOCAL authz.remove_system_rows = %L', TG_TABLE_NAME);
END
$$;

COMMENT ON FUNCTION authz.refuse_removal() IS
  'Trigger BEFORE DELETE or TRUNCATE: refuses it (restrict_violation), whoever asks, unless the setting authz.remove_system_rows holds the name of the table. Its argument names the rows for the message. A guard against accidents: who may delete may also set it.';
