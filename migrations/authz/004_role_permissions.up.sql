-- Makes authz.role_permissions: what a role allows.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on authz.roles, authz.permissions, then core.users.

CREATE TABLE authz.role_permissions (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  role_id uuid NOT NULL,
  permission_id uuid NOT NULL,
  granted_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT role_permissions_pkey PRIMARY KEY (id),
  CONSTRAINT role_permissions_once UNIQUE (role_id, permission_id),
  CONSTRAINT role_permissions_role_id_fkey FOREIGN KEY (role_id)
    REFERENCES authz.roles (id) ON DELETE CASCADE,
  CONSTRAINT role_permissions_permission_id_fkey FOREIGN KEY (permission_id)
    REFERENCES authz.permissions (id),
  CONSTRAINT role_permissions_granted_by_fkey FOREIGN KEY (granted_by)
    REFERENCES core.users (id) ON DELETE SET NULL
);

CREATE INDEX idx_role_permissions_permission ON authz.role_permissions (permission_id);
CREATE INDEX idx_role_permissions_granted_by ON authz.role_permissions (granted_by) WHERE granted_by IS NOT NULL;

CREATE TRIGGER role_permissions_fixed BEFORE UPDATE ON authz.role_permissions
  FOR EACH ROW WHEN ((OLD.id, OLD.role_id, OLD.permission_id) IS DISTINCT FROM (NEW.id, NEW.role_id, NEW.permission_id))
  EXECUTE FUNCTION authz.refuse_change('id, role_id or permission_id');

COMMENT ON TABLE authz.role_permissions IS 'What a role allows by itself; what it inherits is said by authz.role_inheritance. A permission that some role allows cannot be dropped.';
COMMENT ON COLUMN authz.role_permissions.id IS 'Identity of the grant. Never changes.';
COMMENT ON COLUMN authz.role_permissions.role_id IS 'The role, which takes the row along when it goes. Never changes.';
COMMENT ON COLUMN authz.role_permissions.permission_id IS 'What it allows. Never changes.';
COMMENT ON COLUMN authz.role_permissions.granted_by IS 'Who added it; null for the system and for a user who was deleted.';
COMMENT ON COLUMN authz.role_permissions.created_at IS 'Since when.';
COMMENT ON CONSTRAINT role_permissions_once ON authz.role_permissions IS 'A role allows a thing once; finds what a role allows.';
COMMENT ON INDEX authz.idx_role_permissions_permission IS 'Finds the roles that allow a thing; serves the foreign key to authz.permissions.';
COMMENT ON INDEX authz.idx_role_permissions_granted_by IS 'Serves the foreign key to core.users.';
