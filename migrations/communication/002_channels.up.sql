-- Makes communication.channels: the ways on which a message can reach a person.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, then core.users (writers wait, readers do not).

CREATE TABLE communication.channels (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid,
  key text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}',
  is_enabled boolean NOT NULL DEFAULT true,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT channels_pkey PRIMARY KEY (id),
  CONSTRAINT channels_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT channels_created_by_fkey FOREIGN KEY (created_by)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT channels_key_form CHECK (key ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  CONSTRAINT channels_kind_known CHECK (kind IN ('in_app', 'email', 'sms', 'push', 'webhook')),
  CONSTRAINT channels_name_not_empty CHECK (btrim(name) <> ''),
  CONSTRAINT channels_settings_object CHECK (jsonb_typeof(settings) = 'object')
);

CREATE UNIQUE INDEX channels_system_key ON communication.channels (key) WHERE organization_id IS NULL;
CREATE UNIQUE INDEX channels_organization_key ON communication.channels (organization_id, key)
  WHERE organization_id IS NOT NULL;
CREATE INDEX idx_channels_created_by ON communication.channels (created_by) WHERE created_by IS NOT NULL;

CREATE TRIGGER channels_organization_fixed BEFORE UPDATE ON communication.channels
  FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id)
  EXECUTE FUNCTION communication.refuse_change('organization_id');
CREATE TRIGGER channels_touch BEFORE UPDATE ON communication.channels
  FOR EACH ROW EXECUTE FUNCTION communication.touch_updated_at();

COMMENT ON TABLE communication.channels IS 'A way on which a message can reach a person: in the application, by e-mail, and so on.';
COMMENT ON COLUMN communication.channels.id IS 'Identity of the channel.';
COMMENT ON COLUMN communication.channels.organization_id IS 'The organisation it belongs to; null is a channel of the system, usable by every organisation. Never changes.';
COMMENT ON COLUMN communication.channels.key IS 'Name for programs, unique within the organisation, and once more within the system: email.';
COMMENT ON COLUMN communication.channels.kind IS 'What carries the message: in_app, email, sms, push or webhook.';
COMMENT ON COLUMN communication.channels.name IS 'Name for people.';
COMMENT ON COLUMN communication.channels.settings IS 'What the sender needs to know, as a JSON object; secrets are never kept here.';
COMMENT ON COLUMN communication.channels.is_enabled IS 'Whether applications offer it for new deliveries; deliveries that exist go on.';
COMMENT ON COLUMN communication.channels.created_by IS 'Who made it; null for the system and for a user who was deleted.';
COMMENT ON COLUMN communication.channels.created_at IS 'When it was made.';
COMMENT ON COLUMN communication.channels.updated_at IS 'When it was last changed; kept by a trigger.';
COMMENT ON INDEX communication.channels_system_key IS 'One channel of the system per key.';
COMMENT ON INDEX communication.channels_organization_key IS 'One channel per organisation and key; serves the foreign key to core.organizations.';
COMMENT ON INDEX communication.idx_channels_created_by IS 'Serves the foreign key to core.users.';
