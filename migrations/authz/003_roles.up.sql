-- Makes authz.roles: names for bundles of permissions, of the system or of one organisation.
-- Locks: its foreign key takes SHARE ROW EXCLUSIVE on core.organizations (writers wait, readers do not).

CREATE TABLE authz.roles (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid,
  key text NOT NULL,
  name text NOT NULL,
  description text,
  level smallint NOT NULL DEFAULT 10,
  keep_one boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT roles_pkey PRIMARY KEY (id),
  CONSTRAINT roles_level_key UNIQUE (id, level),
  CONSTRAINT roles_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT roles_key_form CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$'),
  CONSTRAINT roles_name_not_empty CHECK (btrim(name) <> ''),
  CONSTRAINT roles_level_range CHECK (level BETWEEN 0 AND 1000)
);

CREATE UNIQUE INDEX roles_system_key ON authz.roles (key) WHERE organization_id IS NULL;
CREATE UNIQUE INDEX roles_organization_key ON authz.roles (organization_id, key) WHERE organization_id IS NOT NULL;

CREATE TRIGGER roles_identity_fixed BEFORE UPDATE ON authz.roles
  FOR EACH ROW WHEN ((OLD.id, OLD.organization_id, OLD.key) IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.key))
  EXECUTE FUNCTION authz.refuse_change('id, organization_id or key');
CREATE TRIGGER roles_system_stays BEFORE DELETE ON authz.roles
  FOR EACH ROW WHEN (OLD.organization_id IS NULL)
  EXECUTE FUNCTION authz.refuse_removal('system roles');
CREATE TRIGGER roles_system_stays_whole BEFORE TRUNCATE ON authz.roles
  FOR EACH STATEMENT EXECUTE FUNCTION authz.refuse_removal('system roles');
CREATE TRIGGER roles_touch BEFORE UPDATE ON authz.roles
  FOR EACH ROW EXECUTE FUNCTION authz.touch_updated_at();

CREATE FUNCTION authz.require_role_in_reach() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
DECLARE
  own_organisation uuid;
  role_organisation uuid;
BEGIN
  EXECUTE format('SELECT organization_id FROM authz.roles WHERE id = ($1).%I', TG_ARGV[0]) INTO role_organisation USING NEW;
  IF role_organisation IS NULL THEN
    RETURN NULL;
  END IF;
  IF TG_ARGV[1] = 'organization_id' THEN
    own_organisation := NEW.organization_id;
  ELSE
    SELECT organization_id INTO own_organisation FROM authz.roles WHERE id = NEW.role_id;
  END IF;
  IF role_organisation IS DISTINCT FROM own_organisation THEN
    RAISE EXCEPTION '% of %.% names a role that belongs to another organisation', TG_ARGV[0], TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            COLUMN = TG_ARGV[0],
            HINT = 'Use a role of the same organisation, or one of the system (organization_id is null).';
  END IF;
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION authz.require_role_in_reach() IS
  'Trigger AFTER INSERT: the role that a column names must belong to the same organisation or to the system. Arguments: the column, and where the own organisation is found: organization_id or role_id. It runs after the foreign key; that a role changes its organisation later is refused by roles_identity_fixed.';

COMMENT ON TABLE authz.roles IS 'Names for bundles of permissions. Those of the system (organization_id is null) can be given in every organisation and are not dropped; the others in their organisation only.';
COMMENT ON COLUMN authz.roles.id IS 'Identity of the role. Never changes.';
COMMENT ON COLUMN authz.roles.organization_id IS 'The organisation it belongs to, and which takes it along when it goes; null for the system. Never changes.';
COMMENT ON COLUMN authz.roles.key IS 'Name for programs, unique within the organisation, and once more within the system: member. Never changes.';
COMMENT ON COLUMN authz.roles.name IS 'Name for people.';
COMMENT ON COLUMN authz.roles.description IS 'Who should have it; null where the name says it.';
COMMENT ON COLUMN authz.roles.level IS 'Its place in the hierarchy, 0 to 1000: a role inherits from roles of a lower level only, so that there is no way round in a circle.';
COMMENT ON COLUMN authz.roles.keep_one IS 'Whether an organisation in which somebody has it for good keeps at least one such person.';
COMMENT ON COLUMN authz.roles.created_at IS 'When it was made.';
COMMENT ON COLUMN authz.roles.updated_at IS 'When it was last changed; kept by a trigger.';
COMMENT ON CONSTRAINT roles_level_key ON authz.roles IS 'What the foreign keys of authz.role_inheritance point to.';
COMMENT ON INDEX authz.roles_system_key IS 'One role of the system per key.';
COMMENT ON INDEX authz.roles_organization_key IS 'One role per organisation and key; serves the foreign key to core.organizations.';
