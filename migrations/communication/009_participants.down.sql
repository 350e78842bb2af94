-- Drops communication.thread_participants.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations, communication.threads and core.users.

DROP TABLE communication.thread_participants;
