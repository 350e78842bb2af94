-- Drops communication.templates and the functions of its CHECKs.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations, communication.channels and core.users.

DROP TABLE communication.templates;
DROP FUNCTION communication.are_variable_names(jsonb);
DROP FUNCTION communication.body_covers_variables(text, jsonb);
