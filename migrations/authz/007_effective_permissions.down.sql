-- Drops the function and the view that answer who may do what.
-- Locks: ACCESS EXCLUSIVE on the view.

DROP FUNCTION authz.may(uuid, text, uuid, text, text);
DROP VIEW authz.effective_permissions;
