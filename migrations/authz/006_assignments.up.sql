-- Makes authz.assignments: who has which role in which organisation, from when until when, and where it holds.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, core.users, then authz.roles.

-- Ranges of one value each: a GiST index compares these by itself, where plain uuid and text would need the extension
-- btree_gist, which not every server has and which a rollback could not take away from others.
CREATE TYPE authz.uuid_span AS RANGE (SUBTYPE = uuid);
CREATE TYPE authz.text_span AS RANGE (SUBTYPE = text, COLLATION = "C");

COMMENT ON TYPE authz.uuid_span IS 'A range of uuid, for the exclusion constraint of authz.assignments.';
COMMENT ON TYPE authz.text_span IS 'A range of text, for the exclusion constraint of authz.assignments.';

CREATE TABLE authz.assignments (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role_id uuid NOT NULL,
  resource_type text,
  resource_id text,
  valid_from timestamptz NOT NULL DEFAULT now(),
  valid_until timestamptz,
  granted_by uuid,
  reason text,
  revoked_at timestamptz,
  revoked_by uuid,
  in_force tstzrange NOT NULL GENERATED ALWAYS AS (
    CASE WHEN LEAST(valid_until, revoked_at) <= valid_from THEN 'empty'::tstzrange
         ELSE tstzrange(valid_from, LEAST(valid_until, revoked_at)) END) STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT assignments_pkey PRIMARY KEY (id),
  CONSTRAINT assignments_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT assignments_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES core.users (id) ON DELETE CASCADE,
  CONSTRAINT assignments_role_id_fkey FOREIGN KEY (role_id)
    REFERENCES authz.roles (id),
  CONSTRAINT assignments_granted_by_fkey FOREIGN KEY (granted_by)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT assignments_revoked_by_fkey FOREIGN KEY (revoked_by)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT assignments_resource_whole CHECK ((resource_type IS NULL) = (resource_id IS NULL)),
  CONSTRAINT assignments_resource_not_empty CHECK (resource_type <> '' AND resource_id <> ''),
  CONSTRAINT assignments_valid_span CHECK (valid_until > valid_from),
  CONSTRAINT assignments_revoked_by_needs_time CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL),
  CONSTRAINT assignments_no_overlap EXCLUDE USING gist (
    authz.uuid_span(user_id, user_id, '[]') WITH =,
    authz.uuid_span(organization_id, organization_id, '[]') WITH =,
    authz.uuid_span(role_id, role_id, '[]') WITH =,
    authz.text_span(coalesce(resource_type, ''), coalesce(resource_type, ''), '[]') WITH =,
    authz.text_span(coalesce(resource_id, ''), coalesce(resource_id, ''), '[]') WITH =,
    -- As an expression, so that this index is never taken for the question who may do what now.
    (in_force * '(,)'::tstzrange) WITH &&)
);

CREATE INDEX idx_assignments_effective ON authz.assignments (user_id, organization_id, valid_from) INCLUDE (role_id)
  WHERE revoked_at IS NULL;
CREATE INDEX idx_assignments_organization ON authz.assignments (organization_id);
CREATE INDEX idx_assignments_user ON authz.assignments (user_id);
CREATE INDEX idx_assignments_role ON authz.assignments (role_id);
CREATE INDEX idx_assignments_granted_by ON authz.assignments (granted_by) WHERE granted_by IS NOT NULL;
CREATE INDEX idx_assignments_revoked_by ON authz.assignments (revoked_by) WHERE revoked_by IS NOT NULL;

CREATE FUNCTION authz.keep_one_assigned() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.valid_until IS NULL AND NEW.revoked_at IS NULL THEN
    RETURN NULL;
  END IF;
  -- What goes with its user or its organisation is not held back.
  IF NOT EXISTS (SELECT FROM authz.roles WHERE id = OLD.role_id AND keep_one)
     OR NOT EXISTS (SELECT FROM core.organizations WHERE id = OLD.organization_id)
     OR NOT EXISTS (SELECT FROM core.users WHERE id = OLD.user_id) THEN
    RETURN NULL;
  END IF;
  -- Locked, so that of two who take the last two away at once one fails: both may not be gone in the end.
  PERFORM FROM authz.assignments AS other
    WHERE other.organization_id = OLD.organization_id AND other.role_id = OLD.role_id AND other.id <> OLD.id
      AND other.resource_type IS NULL AND other.valid_until IS NULL AND other.revoked_at IS NULL AND other.valid_from <= now()
      FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the organisation would be left without anybody in this role'
      USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            HINT = 'Assign the role to somebody else first, without a resource and without an end.';
  END IF;
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION authz.keep_one_assigned() IS
  'Trigger AFTER UPDATE OR DELETE: where the role says keep_one, the last assignment of an organisation that has neither resource nor end cannot be revoked, ended or deleted (restrict_violation).';

CREATE TRIGGER assignments_identity_fixed BEFORE UPDATE ON authz.assignments
  FOR EACH ROW WHEN (
    (OLD.id, OLD.organization_id, OLD.user_id, OLD.role_id, OLD.resource_type, OLD.resource_id, OLD.valid_from)
    IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.user_id, NEW.role_id, NEW.resource_type, NEW.resource_id, NEW.valid_from))
  EXECUTE FUNCTION authz.refuse_change('what is assigned to whom and since when');
CREATE TRIGGER assignments_revoked_for_good BEFORE UPDATE ON authz.assignments
  FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND (OLD.revoked_at, OLD.valid_until) IS DISTINCT FROM (NEW.revoked_at, NEW.valid_until))
  EXECUTE FUNCTION authz.refuse_change('a revoked assignment');
CREATE TRIGGER assignments_touch BEFORE UPDATE ON authz.assignments
  FOR EACH ROW EXECUTE FUNCTION authz.touch_updated_at();
CREATE TRIGGER assignments_same_organisation AFTER INSERT ON authz.assignments
  FOR EACH ROW EXECUTE FUNCTION authz.require_role_in_reach('role_id', 'organization_id');
CREATE TRIGGER assignments_keep_one_ended AFTER UPDATE ON authz.assignments
  FOR EACH ROW WHEN (OLD.resource_type IS NULL AND OLD.valid_until IS NULL AND OLD.revoked_at IS NULL)
  EXECUTE FUNCTION authz.keep_one_assigned();
CREATE TRIGGER assignments_keep_one_deleted AFTER DELETE ON authz.assignments
  FOR EACH ROW WHEN (OLD.resource_type IS NULL AND OLD.valid_until IS NULL AND OLD.revoked_at IS NULL)
  EXECUTE FUNCTION authz.keep_one_assigned();

COMMENT ON TABLE authz.assignments IS 'Who has which role in which organisation, from when until when. Rows are revoked rather than deleted, so that it stays known who could do what at what time.';
COMMENT ON COLUMN authz.assignments.id IS 'Identity of the assignment. Never changes.';
COMMENT ON COLUMN authz.assignments.organization_id IS 'The organisation in which it holds, and which takes it along when it goes. Never changes.';
COMMENT ON COLUMN authz.assignments.user_id IS 'Who has the role; a user who is deleted takes the row along. Never changes.';
COMMENT ON COLUMN authz.assignments.role_id IS 'The role: of this organisation or of the system. Never changes.';
COMMENT ON COLUMN authz.assignments.resource_type IS 'What kind of thing it is limited to: project; null where it holds in the whole organisation. Never changes.';
COMMENT ON COLUMN authz.assignments.resource_id IS 'Which one it is limited to; null where it holds in the whole organisation. Never changes.';
COMMENT ON COLUMN authz.assignments.valid_from IS 'Since when it holds. Never changes.';
COMMENT ON COLUMN authz.assignments.valid_until IS 'Until when, not including that moment; null for good.';
COMMENT ON COLUMN authz.assignments.granted_by IS 'Who gave it; null for the system and for a user who was deleted.';
COMMENT ON COLUMN authz.assignments.reason IS 'Why, for people; null where nothing was said.';
COMMENT ON COLUMN authz.assignments.revoked_at IS 'When it was taken back; never changes once it is set.';
COMMENT ON COLUMN authz.assignments.revoked_by IS 'Who took it back; null for the system and for a user who was deleted.';
COMMENT ON COLUMN authz.assignments.in_force IS 'The span in which it holds, made from the times above; empty where it was taken back before it began.';
COMMENT ON COLUMN authz.assignments.created_at IS 'When the row was written.';
COMMENT ON COLUMN authz.assignments.updated_at IS 'When this row was last changed; kept by a trigger.';
COMMENT ON CONSTRAINT assignments_no_overlap ON authz.assignments IS 'Nobody has the same role twice at the same time in the same place.';
COMMENT ON INDEX authz.assignments_no_overlap IS 'Finds assignments that overlap.';
COMMENT ON INDEX authz.idx_assignments_effective IS 'Serves the question whether a user may do something in an organisation: the roles that were not revoked, the oldest first.';
COMMENT ON INDEX authz.idx_assignments_organization IS 'Finds who has roles in an organisation; serves the foreign key to core.organizations.';
COMMENT ON INDEX authz.idx_assignments_user IS 'Finds all that a user ever had; serves the foreign key to core.users.';
COMMENT ON INDEX authz.idx_assignments_role IS 'Finds who has a role; serves the foreign key to authz.roles.';
COMMENT ON INDEX authz.idx_assignments_granted_by IS 'Serves the foreign key to core.users.';
COMMENT ON INDEX authz.idx_assignments_revoked_by IS 'Serves the foreign key to core.users.';
