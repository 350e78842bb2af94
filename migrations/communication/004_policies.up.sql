-- Makes communication.policies: how often and how long a delivery is tried, and how long a message is kept.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, communication.channels, then core.users.

CREATE TABLE communication.policies (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid,
  channel_id uuid,
  key text NOT NULL,
  name text NOT NULL,
  max_attempts smallint NOT NULL DEFAULT 8,
  retry_delay interval NOT NULL DEFAULT '30 seconds',
  retry_delay_max interval NOT NULL DEFAULT '6 hours',
  give_up_after interval NOT NULL DEFAULT '3 days',
  message_retention interval,
  is_enabled boolean NOT NULL DEFAULT true,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT policies_pkey PRIMARY KEY (id),
  CONSTRAINT policies_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT policies_channel_id_fkey FOREIGN KEY (channel_id)
    REFERENCES communication.channels (id),
  CONSTRAINT policies_created_by_fkey FOREIGN KEY (created_by)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT policies_key_form CHECK (key ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  CONSTRAINT policies_name_not_empty CHECK (btrim(name) <> ''),
  CONSTRAINT policies_max_attempts_range CHECK (max_attempts BETWEEN 1 AND 50),
  CONSTRAINT policies_retry_delay_positive CHECK (retry_delay > interval '0'),
  CONSTRAINT policies_retry_delay_max_range CHECK (retry_delay_max BETWEEN retry_delay AND interval '7 days'),
  CONSTRAINT policies_give_up_after_range CHECK (give_up_after > interval '0' AND give_up_after <= interval '30 days'),
  CONSTRAINT policies_message_retention_positive CHECK (message_retention > interval '0')
);

CREATE UNIQUE INDEX policies_system_key ON communication.policies (key) WHERE organization_id IS NULL;
CREATE UNIQUE INDEX policies_organization_key ON communication.policies (organization_id, key)
  WHERE organization_id IS NOT NULL;
CREATE INDEX idx_policies_channel ON communication.policies (channel_id) WHERE channel_id IS NOT NULL;
CREATE INDEX idx_policies_created_by ON communication.policies (created_by) WHERE created_by IS NOT NULL;

CREATE TRIGGER policies_organization_fixed BEFORE UPDATE ON communication.policies
  FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id)
  EXECUTE FUNCTION communication.refuse_change('organization_id');
CREATE TRIGGER policies_touch BEFORE UPDATE ON communication.policies
  FOR EACH ROW EXECUTE FUNCTION communication.touch_updated_at();
CREATE TRIGGER policies_channel_scope AFTER INSERT OR UPDATE OF channel_id ON communication.policies
  FOR EACH ROW WHEN (NEW.channel_id IS NOT NULL)
  EXECUTE FUNCTION communication.require_own_or_system('channel_id', 'channels');

COMMENT ON TABLE communication.policies IS 'How hard a delivery is tried and how long a message is kept. Deliveries copy these values when they begin: a change here never alters one under way.';
COMMENT ON COLUMN communication.policies.id IS 'Identity of the policy.';
COMMENT ON COLUMN communication.policies.organization_id IS 'The organisation it belongs to; null is a policy of the system, usable by every organisation. Never changes.';
COMMENT ON COLUMN communication.policies.channel_id IS 'The one channel it is for; null is every channel.';
COMMENT ON COLUMN communication.policies.key IS 'Name for programs, unique within the organisation, and once more within the system: default.';
COMMENT ON COLUMN communication.policies.name IS 'Name for people.';
COMMENT ON COLUMN communication.policies.max_attempts IS 'How many attempts a delivery gets before it is given up: 1 to 50.';
COMMENT ON COLUMN communication.policies.retry_delay IS 'Wait after the first failed attempt; doubles with every further one.';
COMMENT ON COLUMN communication.policies.retry_delay_max IS 'The longest wait between two attempts.';
COMMENT ON COLUMN communication.policies.give_up_after IS 'How long after it was first due a delivery is given up, whatever attempts are left.';
COMMENT ON COLUMN communication.policies.message_retention IS 'How long a message is kept from the time it was written; null is for ever.';
COMMENT ON COLUMN communication.policies.is_enabled IS 'Whether applications offer it for new messages and deliveries.';
COMMENT ON COLUMN communication.policies.created_by IS 'Who made it; null for the system and for a user who was deleted.';
COMMENT ON COLUMN communication.policies.created_at IS 'When it was made.';
COMMENT ON COLUMN communication.policies.updated_at IS 'When it was last changed; kept by a trigger.';
COMMENT ON INDEX communication.policies_system_key IS 'One policy of the system per key.';
COMMENT ON INDEX communication.policies_organization_key IS 'One policy per organisation and key; serves the foreign key to core.organizations.';
COMMENT ON INDEX communication.idx_policies_channel IS 'Serves the foreign key to communication.channels.';
COMMENT ON INDEX communication.idx_policies_created_by IS 'Serves the foreign key to core.users.';
