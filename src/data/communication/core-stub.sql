-- Stands in for the schema core in integration environments and the demo: core.organizations and core.users with no more
-- than the communication migrations need. Production has the real ones: what exists is left alone, whatever its shape.
-- Locks: none on anything that exists.

DO $$
BEGIN
  IF to_regnamespace('core') IS NULL THEN
    CREATE SCHEMA core;
    COMMENT ON SCHEMA core IS 'Stub of the schema core, made for an integration environment.';
  END IF;

  IF to_regclass('core.organizations') IS NULL THEN
    CREATE TABLE core.organizations (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      name text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE core.organizations IS 'Stub of core.organizations, made for an integration environment.';
  END IF;

  IF to_regclass('core.users') IS NULL THEN
    CREATE TABLE core.users (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      email text NOT NULL UNIQUE,
      display_name text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE core.users IS 'Stub of core.users, made for an integration environment.';
  END IF;
END
$$;
