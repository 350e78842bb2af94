-- Makes communication.threads: the conversations that messages belong to.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, then core.users (writers wait, readers do not).

CREATE TABLE communication.threads (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  kind text NOT NULL DEFAULT 'group',
  subject text,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  CONSTRAINT threads_pkey PRIMARY KEY (id),
  CONSTRAINT threads_organization_key UNIQUE (organization_id, id),
  CONSTRAINT threads_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT threads_created_by_fkey FOREIGN KEY (created_by)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT threads_kind_known CHECK (kind IN ('direct', 'group', 'announcement')),
  CONSTRAINT threads_subject_length CHECK (char_length(subject) BETWEEN 1 AND 500)
);

CREATE INDEX idx_threads_created_by ON communication.threads (created_by) WHERE created_by IS NOT NULL;

CREATE TRIGGER threads_organization_fixed BEFORE UPDATE ON communication.threads
  FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id)
  EXECUTE FUNCTION communication.refuse_change('organization_id');
CREATE TRIGGER threads_touch BEFORE UPDATE ON communication.threads
  FOR EACH ROW EXECUTE FUNCTION communication.touch_updated_at();

COMMENT ON TABLE communication.threads IS 'A conversation within one organisation.';
COMMENT ON COLUMN communication.threads.id IS 'Identity of the thread.';
COMMENT ON COLUMN communication.threads.organization_id IS 'The organisation it belongs to, and with it everything in it. Never changes.';
COMMENT ON COLUMN communication.threads.kind IS 'direct (two people), group, or announcement (one writes, many read).';
COMMENT ON COLUMN communication.threads.subject IS 'What it is about, up to 500 characters; null where nobody said.';
COMMENT ON COLUMN communication.threads.created_by IS 'Who began it; null for the system and for a user who was deleted.';
COMMENT ON COLUMN communication.threads.created_at IS 'When it began.';
COMMENT ON COLUMN communication.threads.updated_at IS 'When this row was last changed; kept by a trigger. New messages do not change it.';
COMMENT ON COLUMN communication.threads.archived_at IS 'When it was put away; null while it is open.';
COMMENT ON CONSTRAINT threads_organization_key ON communication.threads IS
  'What messages and participants refer to, so that they cannot belong to another organisation than their thread; serves the foreign key to core.organizations.';
COMMENT ON INDEX communication.idx_threads_created_by IS 'Serves the foreign key to core.users.';
