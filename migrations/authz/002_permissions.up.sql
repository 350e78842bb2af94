-- Makes authz.permissions: everything that can be allowed.
-- Locks: none that anybody else waits for.

CREATE TABLE authz.permissions (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  key text NOT NULL,
  description text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT permissions_pkey PRIMARY KEY (id),
  CONSTRAINT permissions_key_key UNIQUE (key),
  CONSTRAINT permissions_key_form CHECK (key ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$' AND length(key) <= 100),
  CONSTRAINT permissions_description_not_empty CHECK (btrim(description) <> '')
);

CREATE TRIGGER permissions_key_fixed BEFORE UPDATE ON authz.permissions
  FOR EACH ROW WHEN ((OLD.id, OLD.key) IS DISTINCT FROM (NEW.id, NEW.key))
  EXECUTE FUNCTION authz.refuse_change('id or key');
CREATE TRIGGER permissions_touch BEFORE UPDATE ON authz.permissions
  FOR EACH ROW EXECUTE FUNCTION authz.touch_updated_at();

COMMENT ON TABLE authz.permissions IS 'Everything that can be allowed. Applications ask for a permission by its key, never for a role.';
COMMENT ON COLUMN authz.permissions.id IS 'Identity of the permission. Never changes.';
COMMENT ON COLUMN authz.permissions.key IS 'What is allowed, as thing and deed: messages.send. Programs ask for it by this name. Never changes.';
COMMENT ON COLUMN authz.permissions.description IS 'The same for people, in one sentence.';
COMMENT ON COLUMN authz.permissions.created_at IS 'When it was made.';
COMMENT ON COLUMN authz.permissions.updated_at IS 'When it was last changed; kept by a trigger.';
COMMENT ON CONSTRAINT permissions_key_key ON authz.permissions IS 'Finds a permission by its key.';
