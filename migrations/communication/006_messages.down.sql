-- Drops communication.messages with its functions.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations, communication.threads,
-- core.users, communication.templates and communication.policies (everybody waits).

DROP FUNCTION communication.purge_expired_messages(integer);
DROP TABLE communication.messages;
DROP FUNCTION communication.messages_guard_update();
DROP FUNCTION communication.messages_set_retention();
DROP FUNCTION communication.is_message_metadata(jsonb);
