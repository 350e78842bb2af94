-- Makes authz.audit_log: every change of permissions, roles and assignments, written by triggers in the same transaction.
-- Locks: SHARE ROW EXCLUSIVE on each audited table for its trigger.

CREATE TABLE authz.audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY,
  happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  actor text,
  database_role text NOT NULL DEFAULT session_user,
  action text NOT NULL,
  table_name text NOT NULL,
  row_id uuid NOT NULL,
  organization_id uuid,
  row_before jsonb,
  row_after jsonb,
  CONSTRAINT audit_log_pkey PRIMARY KEY (id),
  CONSTRAINT audit_log_action_known CHECK (action IN ('insert', 'update', 'delete')),
  CONSTRAINT audit_log_says_what CHECK ((row_before IS NULL) = (action = 'insert') AND (row_after IS NULL) = (action = 'delete'))
);

CREATE INDEX idx_audit_log_row ON authz.audit_log (table_name, row_id, id);
CREATE INDEX idx_audit_log_organization ON authz.audit_log (organization_id, id) WHERE organization_id IS NOT NULL;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON authz.audit_log
  FOR EACH ROW EXECUTE FUNCTION authz.refuse_change('an entry');
CREATE TRIGGER audit_log_stays BEFORE DELETE ON authz.audit_log
  FOR EACH ROW EXECUTE FUNCTION authz.refuse_removal('entries');
CREATE TRIGGER audit_log_stays_whole BEFORE TRUNCATE ON authz.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION authz.refuse_removal('entries');

CREATE FUNCTION authz.write_audit() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = ''
AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  known jsonb := coalesce(after, before);
BEGIN
  INSERT INTO authz.audit_log (actor, action, table_name, row_id, organization_id, row_before, row_after)
  VALUES (nullif(current_setting('authz.actor', true), ''), lower(TG_OP), TG_TABLE_NAME, (known ->> 'id')::uuid,
          (known ->> 'organization_id')::uuid, before, after);
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION authz.write_audit() IS
  'Trigger AFTER INSERT OR UPDATE OR DELETE: writes what changed. It runs with the rights of its owner, so that who may change roles need not be able to write the log. The setting authz.actor says who it was for people.';

CREATE TRIGGER permissions_audit AFTER INSERT OR UPDATE OR DELETE ON authz.permissions
  FOR EACH ROW EXECUTE FUNCTION authz.write_audit();
CREATE TRIGGER roles_audit AFTER INSERT OR UPDATE OR DELETE ON authz.roles
  FOR EACH ROW EXECUTE FUNCTION authz.write_audit();
CREATE TRIGGER role_permissions_audit AFTER INSERT OR UPDATE OR DELETE ON authz.role_permissions
  FOR EACH ROW EXECUTE FUNCTION authz.write_audit();
CREATE TRIGGER role_inheritance_audit AFTER INSERT OR UPDATE OR DELETE ON authz.role_inheritance
  FOR EACH ROW EXECUTE FUNCTION authz.write_audit();
CREATE TRIGGER assignments_audit AFTER INSERT OR UPDATE OR DELETE ON authz.assignments
  FOR EACH ROW EXECUTE FUNCTION authz.write_audit();

COMMENT ON TABLE authz.audit_log IS 'Every change of permissions, roles, what they contain and who has them, in the order in which it happened. Only added to. It refers to nothing by foreign key, because it outlives what it tells of.';
COMMENT ON COLUMN authz.audit_log.id IS 'Order of the entries.';
COMMENT ON COLUMN authz.audit_log.happened_at IS 'When the change was made, by the clock and not by the transaction.';
COMMENT ON COLUMN authz.audit_log.transaction_id IS 'Tells which entries were made together.';
COMMENT ON COLUMN authz.audit_log.actor IS 'Who did it, as the application said by the setting authz.actor; null where it said nothing.';
COMMENT ON COLUMN authz.audit_log.database_role IS 'The role that was connected.';
COMMENT ON COLUMN authz.audit_log.action IS 'insert, update or delete.';
COMMENT ON COLUMN authz.audit_log.table_name IS 'The table of the schema authz.';
COMMENT ON COLUMN authz.audit_log.row_id IS 'Identity of the row that changed.';
COMMENT ON COLUMN authz.audit_log.organization_id IS 'The organisation it belongs to; null for the system and for rows that only their role places.';
COMMENT ON COLUMN authz.audit_log.row_before IS 'The row before; null for an insert.';
COMMENT ON COLUMN authz.audit_log.row_after IS 'The row after; null for a delete.';
COMMENT ON INDEX authz.idx_audit_log_row IS 'Finds the history of a row.';
COMMENT ON INDEX authz.idx_audit_log_organization IS 'Finds what happened in an organisation.';
