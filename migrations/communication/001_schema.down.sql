-- Drops the shared trigger functions and the schema communication.
-- Locks: the schema itself. Fails while anything is left in it, on purpose: nothing is dropped that no file here made.

DROP FUNCTION communication.require_own_or_system();
DROP FUNCTION communication.refuse_change();
DROP FUNCTION communication.touch_updated_at();
DROP SCHEMA communication;
