-- Makes communication.message_recipients, with the index that serves the unread inbox.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, communication.messages, then core.users.

CREATE TABLE communication.message_recipients (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL DEFAULT 'to',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  read_at timestamptz,
  archived_at timestamptz,
  CONSTRAINT message_recipients_pkey PRIMARY KEY (id),
  CONSTRAINT message_recipients_organization_key UNIQUE (organization_id, id),
  CONSTRAINT message_recipients_message_user_key UNIQUE (message_id, user_id),
  CONSTRAINT message_recipients_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT message_recipients_message_fkey FOREIGN KEY (organization_id, message_id)
    REFERENCES communication.messages (organization_id, id) ON DELETE CASCADE,
  CONSTRAINT message_recipients_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES core.users (id) ON DELETE CASCADE,
  CONSTRAINT message_recipients_kind_known CHECK (kind IN ('to', 'cc', 'bcc'))
);

CREATE INDEX idx_recipients_user_all ON communication.message_recipients (user_id, created_at DESC);
-- Stays the youngest index: between two that cost the same, as on a table of a few rows, the planner takes the youngest.
CREATE INDEX idx_recipients_user ON communication.message_recipients (user_id, organization_id, created_at DESC)
  WHERE read_at IS NULL AND archived_at IS NULL;

CREATE TRIGGER message_recipients_identity_fixed BEFORE UPDATE ON communication.message_recipients
  FOR EACH ROW WHEN ((OLD.organization_id, OLD.message_id, OLD.user_id)
    IS DISTINCT FROM (NEW.organization_id, NEW.message_id, NEW.user_id))
  EXECUTE FUNCTION communication.refuse_change('organization_id, message_id or user_id');
CREATE TRIGGER message_recipients_touch BEFORE UPDATE ON communication.message_recipients
  FOR EACH ROW EXECUTE FUNCTION communication.touch_updated_at();

COMMENT ON TABLE communication.message_recipients IS 'Who a message is for, and what they did with it: the rows of everybody''s inbox.';
COMMENT ON COLUMN communication.message_recipients.id IS 'Identity of this recipient of this message.';
COMMENT ON COLUMN communication.message_recipients.organization_id IS 'The organisation it belongs to: always that of its message. Never changes.';
COMMENT ON COLUMN communication.message_recipients.message_id IS 'The message. Never changes.';
COMMENT ON COLUMN communication.message_recipients.user_id IS 'Who it is for; a user who is deleted takes the row along. Never changes.';
COMMENT ON COLUMN communication.message_recipients.kind IS 'to, cc or bcc; bcc is not shown to other recipients.';
COMMENT ON COLUMN communication.message_recipients.created_at IS 'When it came into the inbox.';
COMMENT ON COLUMN communication.message_recipients.updated_at IS 'When this row was last changed; kept by a trigger.';
COMMENT ON COLUMN communication.message_recipients.read_at IS 'When it was read; null is unread, and it may be made unread again.';
COMMENT ON COLUMN communication.message_recipients.archived_at IS 'When it was put out of the inbox; null while it is there.';
COMMENT ON CONSTRAINT message_recipients_organization_key ON communication.message_recipients IS
  'What delivery attempts refer to, so that they cannot belong to another organisation; serves the foreign key to core.organizations.';
COMMENT ON CONSTRAINT message_recipients_message_user_key ON communication.message_recipients IS
  'A user is a recipient of a message once; serves the foreign key to communication.messages.';
COMMENT ON INDEX communication.idx_recipients_user_all IS 'Serves the whole inbox, newest first, and the foreign key to core.users.';
COMMENT ON INDEX communication.idx_recipients_user IS 'Serves the unread inbox: the unread rows of one user in one organisation, newest first.';
