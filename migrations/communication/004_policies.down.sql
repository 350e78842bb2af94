-- Drops communication.policies.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations, communication.channels and core.users.

DROP TABLE communication.policies;
