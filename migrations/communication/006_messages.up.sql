-- Makes communication.messages with the rules of its metadata, its edits and its retention.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, communication.threads, core.users,
-- communication.templates and communication.policies, in this order.

CREATE FUNCTION communication.is_message_metadata(metadata jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN jsonb_typeof(metadata) <> 'object' THEN false
    WHEN octet_length(metadata::text) > 16384 THEN false
    ELSE NOT EXISTS (
      SELECT FROM jsonb_each(metadata) AS entry (key, value)
       WHERE NOT CASE
         WHEN entry.key IN ('source', 'correlation_id')
           THEN jsonb_typeof(entry.value) = 'string' AND char_length(entry.value #>> '{}') BETWEEN 1 AND 200
         WHEN entry.key = 'locale'
           THEN jsonb_typeof(entry.value) = 'string' AND entry.value #>> '{}' ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'
         WHEN entry.key = 'tags'
           THEN jsonb_typeof(entry.value) = 'array'
            AND NOT jsonb_path_exists(entry.value, 'strict $[*] ? (@.type() != "string")')
         WHEN entry.key IN ('variables', 'attributes')
           THEN jsonb_typeof(entry.value) = 'object'
            AND NOT jsonb_path_exists(entry.value, 'strict $.* ? (@.type() == "object" || @.type() == "array")')
         ELSE false
       END)
  END;

COMMENT ON FUNCTION communication.is_message_metadata(jsonb) IS
  'The shape of messages.metadata: a JSON object of at most 16 KiB with any of source and correlation_id (texts of 1 to 200 characters), locale (a BCP 47 tag), tags (an array of texts), variables and attributes (objects whose values are no objects or arrays), and nothing else. What is special to an application goes below attributes.';

CREATE TABLE communication.messages (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  sender_id uuid,
  template_id uuid,
  policy_id uuid,
  content_type text NOT NULL DEFAULT 'text/plain',
  subject text,
  body text NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  idempotency_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  edited_at timestamptz,
  deleted_at timestamptz,
  retain_until timestamptz,
  CONSTRAINT messages_pkey PRIMARY KEY (id),
  CONSTRAINT messages_organization_key UNIQUE (organization_id, id),
  CONSTRAINT messages_idempotency_key UNIQUE (organization_id, idempotency_key),
  CONSTRAINT messages_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT messages_thread_fkey FOREIGN KEY (organization_id, thread_id)
    REFERENCES communication.threads (organization_id, id) ON DELETE CASCADE,
  CONSTRAINT messages_sender_id_fkey FOREIGN KEY (sender_id)
    REFERENCES core.users (id) ON DELETE SET NULL,
  CONSTRAINT messages_template_id_fkey FOREIGN KEY (template_id)
    REFERENCES communication.templates (id) ON DELETE SET NULL,
  CONSTRAINT messages_policy_id_fkey FOREIGN KEY (policy_id)
    REFERENCES communication.policies (id) ON DELETE SET NULL,
  CONSTRAINT messages_content_type_known CHECK (content_type IN ('text/plain', 'text/markdown', 'text/html')),
  CONSTRAINT messages_subject_length CHECK (char_length(subject) BETWEEN 1 AND 500),
  CONSTRAINT messages_body_size CHECK (octet_length(body) <= 262144),
  CONSTRAINT messages_body_not_empty CHECK (body <> '' OR deleted_at IS NOT NULL),
  CONSTRAINT messages_metadata_shape CHECK (communication.is_message_metadata(metadata)),
  CONSTRAINT messages_idempotency_key_length CHECK (char_length(idempotency_key) BETWEEN 1 AND 200),
  CONSTRAINT messages_edited_after_created CHECK (edited_at >= created_at),
  CONSTRAINT messages_deleted_after_created CHECK (deleted_at >= created_at),
  CONSTRAINT messages_retained_after_created CHECK (retain_until >= created_at)
);

CREATE INDEX idx_messages_thread ON communication.messages (organization_id, thread_id, created_at DESC, id);
CREATE INDEX idx_messages_sender ON communication.messages (sender_id, created_at DESC) WHERE sender_id IS NOT NULL;
CREATE INDEX idx_messages_template ON communication.messages (template_id) WHERE template_id IS NOT NULL;
CREATE INDEX idx_messages_policy ON communication.messages (policy_id) WHERE policy_id IS NOT NULL;
CREATE INDEX idx_messages_retain_until ON communication.messages (retain_until) WHERE retain_until IS NOT NULL;

CREATE FUNCTION communication.messages_set_retention() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  SELECT NEW.created_at + policy.message_retention INTO NEW.retain_until
    FROM communication.policies AS policy
   WHERE policy.id = NEW.policy_id;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION communication.messages_set_retention() IS
  'Trigger BEFORE INSERT: where a message names a policy and no end of its retention, the policy says it.';

CREATE FUNCTION communication.messages_guard_update() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
DECLARE
  content_changed constant boolean :=
    (OLD.subject, OLD.body, OLD.content_type, OLD.metadata) IS DISTINCT FROM
    (NEW.subject, NEW.body, NEW.content_type, NEW.metadata);
  emptied constant boolean := NEW.subject IS NULL AND NEW.body = '' AND NEW.metadata = '{}';
BEGIN
  IF OLD.deleted_at IS NOT NULL
     AND (NEW.deleted_at IS DISTINCT FROM OLD.deleted_at OR (content_changed AND NOT emptied)) THEN
    RAISE EXCEPTION 'a deleted message stays deleted, and may only be emptied'
      USING ERRCODE = 'check_violation', SCHEMA = 'communication', TABLE = 'messages', CONSTRAINT = TG_NAME,
            HINT = 'Write a new message instead. To empty it: subject null, body empty, metadata {}.';
  END IF;
  IF NEW.sender_id IS DISTINCT FROM OLD.sender_id AND NEW.sender_id IS NOT NULL THEN
    RAISE EXCEPTION 'the sender of a message never changes'
      USING ERRCODE = 'check_violation', SCHEMA = 'communication', TABLE = 'messages', CONSTRAINT = TG_NAME,
            COLUMN = 'sender_id', HINT = 'Write a new message instead.';
  END IF;
  NEW.edited_at := CASE WHEN content_changed AND NEW.deleted_at IS NULL THEN now() ELSE OLD.edited_at END;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION communication.messages_guard_update() IS
  'Trigger BEFORE UPDATE: sets edited_at when what the message says changes, keeps its sender (a deleted user becomes null), and keeps a deleted message deleted.';

CREATE FUNCTION communication.purge_expired_messages(batch_size integer DEFAULT 1000) RETURNS bigint
  LANGUAGE sql
  SET search_path = ''
AS $$
  WITH expired AS (
    SELECT message.id
      FROM communication.messages AS message
     WHERE message.retain_until <= now()
     ORDER BY message.retain_until
     LIMIT batch_size
       FOR UPDATE SKIP LOCKED
  ), purged AS (
    DELETE FROM communication.messages AS message USING expired WHERE message.id = expired.id RETURNING 1
  )
  SELECT count(*) FROM purged
$$;

COMMENT ON FUNCTION communication.purge_expired_messages(integer) IS
  'Deletes up to batch_size messages whose retention has ended, with what hangs on them, and returns how many. Several callers may run at once; call it again until it returns 0.';

CREATE TRIGGER messages_identity_fixed BEFORE UPDATE ON communication.messages
  FOR EACH ROW WHEN ((OLD.organization_id, OLD.thread_id, OLD.idempotency_key, OLD.created_at)
    IS DISTINCT FROM (NEW.organization_id, NEW.thread_id, NEW.idempotency_key, NEW.created_at))
  EXECUTE FUNCTION communication.refuse_change('organization_id, thread_id, idempotency_key or created_at');
CREATE TRIGGER messages_guard_update BEFORE UPDATE ON communication.messages
  FOR EACH ROW EXECUTE FUNCTION communication.messages_guard_update();
CREATE TRIGGER messages_set_retention BEFORE INSERT ON communication.messages
  FOR EACH ROW WHEN (NEW.retain_until IS NULL AND NEW.policy_id IS NOT NULL)
  EXECUTE FUNCTION communication.messages_set_retention();
CREATE TRIGGER messages_template_scope AFTER INSERT OR UPDATE OF template_id ON communication.messages
  FOR EACH ROW WHEN (NEW.template_id IS NOT NULL)
  EXECUTE FUNCTION communication.require_own_or_system('template_id', 'templates');
CREATE TRIGGER messages_policy_scope AFTER INSERT OR UPDATE OF policy_id ON communication.messages
  FOR EACH ROW WHEN (NEW.policy_id IS NOT NULL)
  EXECUTE FUNCTION communication.require_own_or_system('policy_id', 'policies');

COMMENT ON TABLE communication.messages IS 'What somebody, or the system, said in a thread.';
COMMENT ON COLUMN communication.messages.id IS 'Identity of the message.';
COMMENT ON COLUMN communication.messages.organization_id IS 'The organisation it belongs to: always that of its thread. Never changes.';
COMMENT ON COLUMN communication.messages.thread_id IS 'The thread it was said in. Never changes.';
COMMENT ON COLUMN communication.messages.sender_id IS 'Who said it; null is the system, or a user who was deleted.';
COMMENT ON COLUMN communication.messages.template_id IS 'The template the body was made from; null where there was none or it is gone. The body does not change with it.';
COMMENT ON COLUMN communication.messages.policy_id IS 'The policy that said how long it is kept; null where none did.';
COMMENT ON COLUMN communication.messages.content_type IS 'How the body is to be read: text/plain, text/markdown or text/html.';
COMMENT ON COLUMN communication.messages.subject IS 'Subject line, up to 500 characters; null where there is none.';
COMMENT ON COLUMN communication.messages.body IS 'The text, up to 256 KiB; empty only in a deleted message.';
COMMENT ON COLUMN communication.messages.metadata IS 'What programs say about the message; its shape is that of communication.is_message_metadata.';
COMMENT ON COLUMN communication.messages.idempotency_key IS 'Chosen by the writer, unique within the organisation: the same message written twice is refused the second time. Never changes.';
COMMENT ON COLUMN communication.messages.created_at IS 'When it was written. Never changes.';
COMMENT ON COLUMN communication.messages.edited_at IS 'When what it says last changed; null where it never did; kept by a trigger.';
COMMENT ON COLUMN communication.messages.deleted_at IS 'When its sender or the organisation took it back; null while it stands. Final.';
COMMENT ON COLUMN communication.messages.retain_until IS 'When communication.purge_expired_messages may remove it; null is never. Taken from the policy where the writer says nothing.';
COMMENT ON CONSTRAINT messages_organization_key ON communication.messages IS
  'What recipients refer to, so that they cannot belong to another organisation than their message.';
COMMENT ON CONSTRAINT messages_idempotency_key ON communication.messages IS
  'One message per organisation and key, so that writing it again after a lost answer is harmless.';
COMMENT ON CONSTRAINT messages_metadata_shape ON communication.messages IS
  'See communication.is_message_metadata for the shape.';
COMMENT ON INDEX communication.idx_messages_thread IS 'Reads a thread newest first; serves the foreign key to communication.threads.';
COMMENT ON INDEX communication.idx_messages_sender IS 'Finds what a user wrote; serves the foreign key to core.users.';
COMMENT ON INDEX communication.idx_messages_template IS 'Serves the foreign key to communication.templates.';
COMMENT ON INDEX communication.idx_messages_policy IS 'Serves the foreign key to communication.policies.';
COMMENT ON INDEX communication.idx_messages_retain_until IS 'Serves communication.purge_expired_messages.';
