-- Makes communication.templates, and the function by which a CHECK proves that a body uses all of its variables.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, communication.channels, then core.users.

CREATE FUNCTION communication.body_covers_variables(body text, variables jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN jsonb_typeof(variables) <> 'array' THEN true
    ELSE NOT EXISTS (
      SELECT FROM jsonb_array_elements_text(variables) AS variable (name)
       WHERE position('{{' || variable.name || '}}' IN body) = 0)
  END;

COMMENT ON FUNCTION communication.body_covers_variables(text, jsonb) IS
  'Whether every name in the JSON array occurs as {{name}} in the body, letter for letter. True where it is no array: that is for templates_variables_names to refuse.';

CREATE FUNCTION communication.are_variable_names(variables jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN jsonb_typeof(variables) = 'array'
    AND NOT jsonb_path_exists(variables, 'strict $[*] ? (@.type() != "string" || !(@ like_regex "^[a-z][a-z0-9_]{0,62}$"))');

COMMENT ON FUNCTION communication.are_variable_names(jsonb) IS
  'Whether it is a JSON array of names such as first_name.';

CREATE TABLE communication.templates (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid,
  channel_id uuid NOT NULL,
  key text NOT NULL,
  locale text NOT NULL DEFAULT 'en',
  version integer NOT NULL DEFAULT 1,
  subject text,
  body text NOT NULL,
  content_type text NOT NULL DEFAULT 'text/plain',
  variables jsonb NOT NULL DEFAULT '[]',
  is_active boolean NOT NULL DEFAULT true,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT templates_pkey PRIMARY KEY (id),
  CONSTRAINT templates_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT templates_channel_id_fkey FOREIGN KEY (channel_id)
    REFERENCES communication.channels (id),
  CONSTRAINT templates_created_by_fkey FOREIGN KEY (created_by)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT templates_key_form CHECK (key ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  CONSTRAINT templates_locale_form CHECK (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  CONSTRAINT templates_version_positive CHECK (version > 0),
  CONSTRAINT templates_body_not_empty CHECK (body <> ''),
  CONSTRAINT templates_content_type_known CHECK (content_type IN ('text/plain', 'text/markdown', 'text/html')),
  CONSTRAINT templates_variables_names CHECK (communication.are_variable_names(variables)),
  CONSTRAINT templates_body_covers_variables CHECK (communication.body_covers_variables(body, variables))
);

CREATE UNIQUE INDEX templates_system_key ON communication.templates (key, channel_id, locale, version)
  WHERE organization_id IS NULL;
CREATE UNIQUE INDEX templates_organization_key
  ON communication.templates (organization_id, key, channel_id, locale, version)
  WHERE organization_id IS NOT NULL;
CREATE INDEX idx_templates_channel ON communication.templates (channel_id);
CREATE INDEX idx_templates_created_by ON communication.templates (created_by) WHERE created_by IS NOT NULL;

CREATE TRIGGER templates_organization_fixed BEFORE UPDATE ON communication.templates
  FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id)
  EXECUTE FUNCTION communication.refuse_change('organization_id');
CREATE TRIGGER templates_touch BEFORE UPDATE ON communication.templates
  FOR EACH ROW EXECUTE FUNCTION communication.touch_updated_at();
CREATE TRIGGER templates_channel_scope AFTER INSERT OR UPDATE OF channel_id ON communication.templates
  FOR EACH ROW EXECUTE FUNCTION communication.require_own_or_system('channel_id', 'channels');

COMMENT ON TABLE communication.templates IS 'A text with places for values, for one channel and one language.';
COMMENT ON COLUMN communication.templates.id IS 'Identity of the template.';
COMMENT ON COLUMN communication.templates.organization_id IS 'The organisation it belongs to; null is a template of the system, usable by every organisation. Never changes.';
COMMENT ON COLUMN communication.templates.channel_id IS 'The channel it is written for: one of the same organisation or of the system.';
COMMENT ON COLUMN communication.templates.key IS 'Name for programs: message.received. The same key may exist per channel, language and version.';
COMMENT ON COLUMN communication.templates.locale IS 'Language of the text as a BCP 47 tag: en, pt-BR.';
COMMENT ON COLUMN communication.templates.version IS 'Counts up from 1; a text that was used is not rewritten but followed by a new version.';
COMMENT ON COLUMN communication.templates.subject IS 'Subject line, for channels that have one; may hold variables too.';
COMMENT ON COLUMN communication.templates.body IS 'The text; a variable stands in it as {{name}}.';
COMMENT ON COLUMN communication.templates.content_type IS 'How the body is to be read: text/plain, text/markdown or text/html.';
COMMENT ON COLUMN communication.templates.variables IS 'JSON array of the names whose values a message has to bring.';
COMMENT ON COLUMN communication.templates.is_active IS 'Whether applications offer it for new messages.';
COMMENT ON COLUMN communication.templates.created_by IS 'Who made it; null for the system and for a user who was deleted.';
COMMENT ON COLUMN communication.templates.created_at IS 'When it was made.';
COMMENT ON COLUMN communication.templates.updated_at IS 'When it was last changed; kept by a trigger.';
COMMENT ON CONSTRAINT templates_body_covers_variables ON communication.templates IS
  'Every name in variables occurs as {{name}} in the body. When it fails: add the missing {{name}} to the body, or take the name out of variables.';
COMMENT ON INDEX communication.templates_system_key IS 'One template of the system per key, channel, language and version.';
COMMENT ON INDEX communication.templates_organization_key IS 'The same within an organisation; serves the foreign key to core.organizations.';
COMMENT ON INDEX communication.idx_templates_channel IS 'Serves the foreign key to communication.channels.';
COMMENT ON INDEX communication.idx_templates_created_by IS 'Serves the foreign key to core.users.';
