-- Drops communication.message_recipients.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations, communication.messages and core.users.

DROP TABLE communication.message_recipients;
