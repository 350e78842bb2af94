-- Drops authz.roles and the trigger function that checks references to it.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign key, on core.organizations.

DROP TABLE authz.roles;
DROP FUNCTION authz.require_role_in_reach();
