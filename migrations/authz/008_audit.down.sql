-- Drops the triggers that write the audit, their function, and authz.audit_log.
-- Locks: ACCESS EXCLUSIVE on each audited table for its trigger, and on the log.

DROP TRIGGER assignments_audit ON authz.assignments;
DROP TRIGGER role_inheritance_audit ON authz.role_inheritance;
DROP TRIGGER role_permissions_audit ON authz.role_permissions;
DROP TRIGGER roles_audit ON authz.roles;
DROP TRIGGER permissions_audit ON authz.permissions;
DROP FUNCTION authz.write_audit();
DROP TABLE authz.audit_log;
