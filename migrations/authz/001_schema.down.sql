-- Drops the shared trigger functions and the schema authz.
-- Locks: the schema itself. Fails while anything is left in it, on purpose: nothing is dropped that no file here made.

DROP FUNCTION authz.refuse_removal();
DROP FUNCTION authz.refuse_change();
DROP FUNCTION authz.touch_updated_at();
DROP SCHEMA authz;
