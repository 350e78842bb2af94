-- Makes the answers that applications ask for: what a user may do in an organisation, and whether they may do one thing.
-- Locks: ACCESS SHARE on the tables that the view reads.

CREATE VIEW authz.effective_permissions AS
  WITH RECURSIVE contained (role_id, reached_id) AS (
    SELECT id, id FROM authz.roles
    UNION
    SELECT contained.role_id, inheritance.parent_id
      FROM contained JOIN authz.role_inheritance AS inheritance ON inheritance.role_id = contained.reached_id
  )
  SELECT assignment.user_id,
         assignment.organization_id,
         permission.key AS permission,
         assignment.resource_type,
         assignment.resource_id,
         assignment.id AS assignment_id,
         assignment.role_id,
         contained.reached_id AS granting_role_id
    FROM authz.assignments AS assignment
    JOIN contained ON contained.role_id = assignment.role_id
    JOIN authz.role_permissions AS granted ON granted.role_id = contained.reached_id
    JOIN authz.permissions AS permission ON permission.id = granted.permission_id
   WHERE assignment.revoked_at IS NULL AND assignment.in_force @> now();

COMMENT ON VIEW authz.effective_permissions IS 'What everybody may do where at this moment, and by which assignment and role: for reports and administration. A program that asks about one user asks authz.may.';
COMMENT ON COLUMN authz.effective_permissions.user_id IS 'Who.';
COMMENT ON COLUMN authz.effective_permissions.organization_id IS 'In which organisation.';
COMMENT ON COLUMN authz.effective_permissions.permission IS 'What, as the key of the permission.';
COMMENT ON COLUMN authz.effective_permissions.resource_type IS 'What kind of thing it is limited to; null in the whole organisation.';
COMMENT ON COLUMN authz.effective_permissions.resource_id IS 'Which one it is limited to; null in the whole organisation.';
COMMENT ON COLUMN authz.effective_permissions.assignment_id IS 'The assignment that allows it.';
COMMENT ON COLUMN authz.effective_permissions.role_id IS 'The role that was assigned.';
COMMENT ON COLUMN authz.effective_permissions.granting_role_id IS 'The role that allows it: the one assigned, or one that it contains.';

CREATE FUNCTION authz.may(
  asked_user uuid, asked_permission text, asked_organization uuid,
  asked_resource_type text DEFAULT NULL, asked_resource_id text DEFAULT NULL)
  RETURNS boolean
  LANGUAGE sql
  STABLE PARALLEL SAFE
  SET search_path = ''
AS $$
  WITH RECURSIVE reached (role_id) AS (
    SELECT assignment.role_id
      FROM authz.assignments AS assignment
     WHERE assignment.user_id = asked_user
       AND assignment.organization_id = asked_organization
       AND assignment.revoked_at IS NULL
       AND assignment.in_force @> now()
       AND (assignment.resource_type IS NULL
            OR (assignment.resource_type, assignment.resource_id) = (asked_resource_type, asked_resource_id))
    UNION
    SELECT inheritance.parent_id
      FROM reached JOIN authz.role_inheritance AS inheritance ON inheritance.role_id = reached.role_id
  )
  SELECT EXISTS (
    SELECT FROM reached
      JOIN authz.role_permissions AS granted ON granted.role_id = reached.role_id
      JOIN authz.permissions AS permission ON permission.id = granted.permission_id
     WHERE permission.key = asked_permission)
$$;

COMMENT ON FUNCTION authz.may(uuid, text, uuid, text, text) IS
  'Whether a user may do something in an organisation at this moment: true or false, never null. Without a resource only assignments that hold in the whole organisation count; with one, those for that very resource as well. A permission that does not exist is not allowed to anybody.';
