-- Makes the schema communication and the trigger functions that several of its tables share.
-- Locks: none that anybody else waits for; nothing exists here yet.

CREATE SCHEMA communication;

COMMENT ON SCHEMA communication IS
  'Messages between the users of an organisation, who they are for, and how they are delivered. Tenants are rows of core.organizations, people are rows of core.users; both belong to the schema core.';

CREATE FUNCTION communication.touch_updated_at() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION communication.touch_updated_at() IS
  'Trigger BEFORE UPDATE: sets updated_at to the time of the transaction.';

CREATE FUNCTION communication.refuse_change() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  RAISE EXCEPTION '% of %.% never changes', TG_ARGV[0], TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
          HINT = 'Write a new row instead.';
END
$$;

COMMENT ON FUNCTION communication.refuse_change() IS
  'Trigger BEFORE UPDATE with a WHEN condition: refuses the update (check_violation). Its argument names the columns for the message.';

CREATE FUNCTION communication.require_own_or_system() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
DECLARE
  of_another_organisation boolean;
BEGIN
  EXECUTE format(
    'SELECT EXISTS (SELECT FROM communication.%I AS parent
                     WHERE parent.id = ($1).%I
                       AND parent.organization_id IS NOT NULL
                       AND parent.organization_id IS DISTINCT FROM ($1).organization_id)',
    TG_ARGV[1], TG_ARGV[0])
    INTO of_another_organisation
    USING NEW;
  IF of_another_organisation THEN
    RAISE EXCEPTION '% of %.% names a row of % that belongs to another organisation',
      TG_ARGV[0], TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[1]
      USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            COLUMN = TG_ARGV[0],
            HINT = 'Use a row of the same organisation, or one of the system (organization_id is null).';
  END IF;
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION communication.require_own_or_system() IS
  'Trigger AFTER INSERT OR UPDATE: the row that a column names must belong to the same organisation or to the system. Arguments: the column, the table it names. It runs after the foreign key and so sees every row that the key accepted; that a row changes its organisation later is refused by refuse_change.';
