-- Drops authz.role_permissions.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on authz.roles, authz.permissions and core.users.

DROP TABLE authz.role_permissions;
