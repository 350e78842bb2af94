-- Drops authz.assignments, its trigger function and the range types of its exclusion constraint.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations, core.users and authz.roles.

DROP TABLE authz.assignments;
DROP FUNCTION authz.keep_one_assigned();
DROP TYPE authz.text_span;
DROP TYPE authz.uuid_span;
