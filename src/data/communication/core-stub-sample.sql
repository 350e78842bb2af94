-- One organisation and three users for the stub of core, so that a message can be written and read. Their identities are
-- fixed; rows that exist are left alone. Tables that the stub did not make get no rows: it refuses.
-- Locks: those of an INSERT.

DO $$
BEGIN
  IF coalesce(obj_description(to_regclass('core.organizations'), 'pg_class'), '') NOT LIKE 'Stub of %'
     OR coalesce(obj_description(to_regclass('core.users'), 'pg_class'), '') NOT LIKE 'Stub of %' THEN
    RAISE EXCEPTION 'core.organizations or core.users is not the stub: sample rows are only written into the stub'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;

  INSERT INTO core.organizations (id, name)
  VALUES ('00000000-0000-4000-8000-000000000001', 'Example organisation')
  ON CONFLICT DO NOTHING;

  INSERT INTO core.users (id, email, display_name)
  VALUES ('00000000-0000-4000-8000-000000000011', 'sender@example.test', 'Sample sender'),
         ('00000000-0000-4000-8000-000000000012', 'reader@example.test', 'Sample reader'),
         ('00000000-0000-4000-8000-000000000013', 'observer@example.test', 'Sample observer')
  ON CONFLICT DO NOTHING;
END
$$;
