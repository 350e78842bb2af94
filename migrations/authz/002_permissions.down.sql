-- Drops authz.permissions.
-- Locks: ACCESS EXCLUSIVE on the table.

DROP TABLE authz.permissions;
