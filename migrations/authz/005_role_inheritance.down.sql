-- Drops authz.role_inheritance and its trigger function.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on authz.roles.

DROP TABLE authz.role_inheritance;
DROP FUNCTION authz.fill_levels();
