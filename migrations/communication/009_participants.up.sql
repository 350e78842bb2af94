-- Makes communication.thread_participants: who takes part in a thread.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, communication.threads, then core.users.

CREATE TABLE communication.thread_participants (
  organization_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role text NOT NULL DEFAULT 'member',
  added_by uuid,
  joined_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  left_at timestamptz,
  muted_until timestamptz,
  last_read_at timestamptz,
  CONSTRAINT thread_participants_pkey PRIMARY KEY (thread_id, user_id),
  CONSTRAINT thread_participants_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT thread_participants_thread_fkey FOREIGN KEY (organization_id, thread_id)
    REFERENCES communication.threads (organization_id, id) ON DELETE CASCADE,
  CONSTRAINT thread_participants_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES core.users (id) ON DELETE CASCADE,
  CONSTRAINT thread_participants_added_by_fkey FOREIGN KEY (added_by)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT thread_participants_role_known CHECK (role IN ('owner', 'member', 'observer')),
  CONSTRAINT thread_participants_left_after_joined CHECK (left_at >= joined_at)
);

CREATE INDEX idx_participants_user ON communication.thread_participants (user_id, organization_id);
CREATE INDEX idx_participants_thread ON communication.thread_participants (organization_id, thread_id);
CREATE INDEX idx_participants_added_by ON communication.thread_participants (added_by) WHERE added_by IS NOT NULL;

CREATE TRIGGER thread_participants_identity_fixed BEFORE UPDATE ON communication.thread_participants
  FOR EACH ROW WHEN ((OLD.organization_id, OLD.thread_id, OLD.user_id)
    IS DISTINCT FROM (NEW.organization_id, NEW.thread_id, NEW.user_id))
  EXECUTE FUNCTION communication.refuse_change('organization_id, thread_id or user_id');
CREATE TRIGGER thread_participants_touch BEFORE UPDATE ON communication.thread_participants
  FOR EACH ROW EXECUTE FUNCTION communication.touch_updated_at();

COMMENT ON TABLE communication.thread_participants IS 'Who takes part in a thread. Who gets a single message is said by message_recipients.';
COMMENT ON COLUMN communication.thread_participants.organization_id IS 'The organisation it belongs to: always that of its thread. Never changes.';
COMMENT ON COLUMN communication.thread_participants.thread_id IS 'The thread. Never changes.';
COMMENT ON COLUMN communication.thread_participants.user_id IS 'Who takes part; a user who is deleted takes the row along. Never changes.';
COMMENT ON COLUMN communication.thread_participants.role IS 'owner (may add and remove), member (may write) or observer (may read).';
COMMENT ON COLUMN communication.thread_participants.added_by IS 'Who added them; null for the system and for a user who was deleted.';
COMMENT ON COLUMN communication.thread_participants.joined_at IS 'Since when.';
COMMENT ON COLUMN communication.thread_participants.updated_at IS 'When this row was last changed; kept by a trigger.';
COMMENT ON COLUMN communication.thread_participants.left_at IS 'Until when; null while they take part.';
COMMENT ON COLUMN communication.thread_participants.muted_until IS 'Until when they want no notice of new messages; null is not muted.';
COMMENT ON COLUMN communication.thread_participants.last_read_at IS 'Up to when they have read the thread; null is not at all.';
COMMENT ON INDEX communication.idx_participants_user IS 'Finds the threads of a user; serves the foreign key to core.users.';
COMMENT ON INDEX communication.idx_participants_thread IS 'Serves the foreign keys to communication.threads and core.organizations.';
COMMENT ON INDEX communication.idx_participants_added_by IS 'Serves the foreign key to core.users.';
