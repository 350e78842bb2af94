-- Drops communication.channels.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations and core.users (everybody waits).

DROP TABLE communication.channels;
