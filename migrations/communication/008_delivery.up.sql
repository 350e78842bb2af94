-- Makes communication.delivery_attempts: its states, retries, giving up, and the queue that senders claim from.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on core.organizations, communication.message_recipients,
-- communication.channels and communication.policies, in this order.
-- Its last index is built with CONCURRENTLY, outside a transaction: this file is what rebuilds the queue's index when
-- that has to happen on a table that has grown, and senders and writers must not stand still for it then. It waits for
-- every transaction that is open when it begins. Cancelled half-way it leaves an INVALID index, which has to go first.

CREATE FUNCTION communication.delivery_may_move(from_status text, to_status text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE from_status
    WHEN 'scheduled' THEN to_status IN ('sending', 'cancelled')
    WHEN 'sending' THEN to_status IN ('sent', 'delivered', 'failed', 'abandoned')
    WHEN 'sent' THEN to_status IN ('delivered', 'failed', 'abandoned')
    ELSE false
  END;

COMMENT ON FUNCTION communication.delivery_may_move(text, text) IS
  'Which changes of delivery_attempts.status are allowed. delivered, failed, abandoned and cancelled are final.';

CREATE FUNCTION communication.delivery_retry_delay(attempt_number integer, first_delay interval, longest_delay interval)
  RETURNS interval
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN least(first_delay * power(2, least(attempt_number, 25) - 1), longest_delay);

COMMENT ON FUNCTION communication.delivery_retry_delay(integer, interval, interval) IS
  'The wait after a failed attempt: the first delay, doubled with every further attempt, never above the longest.';

CREATE TABLE communication.delivery_attempts (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  recipient_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  policy_id uuid,
  attempt_number smallint NOT NULL DEFAULT 1,
  status text NOT NULL DEFAULT 'scheduled',
  scheduled_at timestamptz NOT NULL DEFAULT now(),
  max_attempts smallint NOT NULL DEFAULT 8,
  retry_delay interval NOT NULL DEFAULT '30 seconds',
  retry_delay_max interval NOT NULL DEFAULT '6 hours',
  give_up_at timestamptz NOT NULL,
  claimed_by text,
  claimed_at timestamptz,
  lease_expires_at timestamptz,
  sent_at timestamptz,
  finished_at timestamptz,
  next_attempt_at timestamptz,
  provider_message_id text,
  error_code text,
  error_message text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT delivery_attempts_pkey PRIMARY KEY (id),
  CONSTRAINT delivery_attempts_number_key UNIQUE (recipient_id, channel_id, attempt_number),
  CONSTRAINT delivery_attempts_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES core.organizations (id) ON DELETE CASCADE,
  CONSTRAINT delivery_attempts_recipient_fkey FOREIGN KEY (organization_id, recipient_id)
    REFERENCES communication.message_recipients (organization_id, id) ON DELETE CASCADE,
  CONSTRAINT delivery_attempts_channel_id_fkey FOREIGN KEY (channel_id)
    REFERENCES communication.channels (id),
  CONSTRAINT delivery_attempts_policy_id_fkey FOREIGN KEY (policy_id)
    REFERENCES communication.policies (id) ON DELETE SET NULL,
  CONSTRAINT delivery_attempts_status_known
    CHECK (status IN ('scheduled', 'sending', 'sent', 'delivered', 'failed', 'abandoned', 'cancelled')),
  CONSTRAINT delivery_attempts_number_range CHECK (attempt_number BETWEEN 1 AND max_attempts AND max_attempts <= 50),
  CONSTRAINT delivery_attempts_retry_delay_range
    CHECK (retry_delay > interval '0' AND retry_delay_max BETWEEN retry_delay AND interval '7 days'),
  CONSTRAINT delivery_attempts_scheduled_before_give_up CHECK (scheduled_at <= give_up_at),
  CONSTRAINT delivery_attempts_claim_whole CHECK (num_nulls(claimed_by, claimed_at, lease_expires_at) IN (0, 3)),
  CONSTRAINT delivery_attempts_claimed CHECK ((claimed_at IS NULL) = (status IN ('scheduled', 'cancelled'))),
  CONSTRAINT delivery_attempts_claimed_by_not_empty CHECK (btrim(claimed_by) <> ''),
  CONSTRAINT delivery_attempts_finished
    CHECK ((finished_at IS NOT NULL) = (status IN ('delivered', 'failed', 'abandoned', 'cancelled'))),
  CONSTRAINT delivery_attempts_next CHECK ((next_attempt_at IS NOT NULL) = (status = 'failed')),
  CONSTRAINT delivery_attempts_sent
    CHECK (sent_at IS NULL OR status IN ('sent', 'delivered', 'failed', 'abandoned')),
  CONSTRAINT delivery_attempts_error CHECK ((error_code IS NOT NULL) = (status IN ('failed', 'abandoned'))),
  CONSTRAINT delivery_attempts_error_message CHECK (error_message IS NULL OR error_code IS NOT NULL)
);

CREATE INDEX idx_delivery_lease ON communication.delivery_attempts (lease_expires_at) WHERE status = 'sending';
CREATE INDEX idx_delivery_recipient ON communication.delivery_attempts (organization_id, recipient_id);
CREATE INDEX idx_delivery_channel ON communication.delivery_attempts (channel_id);
CREATE INDEX idx_delivery_policy ON communication.delivery_attempts (policy_id) WHERE policy_id IS NOT NULL;

CREATE FUNCTION communication.delivery_begin() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
DECLARE
  previous communication.delivery_attempts;
  policy communication.policies;
BEGIN
  IF NEW.status <> 'scheduled' THEN
    RAISE EXCEPTION 'a delivery attempt begins as scheduled, not as %', NEW.status
      USING ERRCODE = 'check_violation', SCHEMA = 'communication', TABLE = 'delivery_attempts',
            CONSTRAINT = TG_NAME, COLUMN = 'status';
  END IF;

  SELECT * INTO previous
    FROM communication.delivery_attempts AS attempt
   WHERE attempt.recipient_id = NEW.recipient_id AND attempt.channel_id = NEW.channel_id
   ORDER BY attempt.attempt_number DESC
   LIMIT 1;

  IF NOT FOUND THEN
    NEW.attempt_number := 1;
    SELECT * INTO policy FROM communication.policies AS p WHERE p.id = NEW.policy_id;
    IF FOUND THEN
      IF policy.channel_id <> NEW.channel_id THEN
        RAISE EXCEPTION 'the policy of a delivery is for another channel'
          USING ERRCODE = 'check_violation', SCHEMA = 'communication', TABLE = 'delivery_attempts',
                CONSTRAINT = TG_NAME, COLUMN = 'policy_id';
      END IF;
      NEW.max_attempts := policy.max_attempts;
      NEW.retry_delay := policy.retry_delay;
      NEW.retry_delay_max := policy.retry_delay_max;
      NEW.give_up_at := NEW.scheduled_at + policy.give_up_after;
    END IF;
    NEW.give_up_at := coalesce(NEW.give_up_at, NEW.scheduled_at + interval '3 days');
  ELSE
    -- After anything but a failure this is the number that is taken: delivery_attempts_number_key refuses it, or ON
    -- CONFLICT DO NOTHING passes over it.
    NEW.attempt_number := previous.attempt_number + CASE WHEN previous.status = 'failed' THEN 1 ELSE 0 END;
    NEW.scheduled_at := coalesce(previous.next_attempt_at, previous.scheduled_at);
    NEW.policy_id := previous.policy_id;
    NEW.max_attempts := previous.max_attempts;
    NEW.retry_delay := previous.retry_delay;
    NEW.retry_delay_max := previous.retry_delay_max;
    NEW.give_up_at := previous.give_up_at;
  END IF;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION communication.delivery_begin() IS
  'Trigger BEFORE INSERT: an attempt begins as scheduled; the first takes its limits from its policy, a further one follows only a failed one, counts one up and keeps the limits. After any other it collides with delivery_attempts_number_key.';

CREATE FUNCTION communication.delivery_move() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  IF NOT communication.delivery_may_move(OLD.status, NEW.status) THEN
    RAISE EXCEPTION 'a delivery attempt cannot go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', SCHEMA = 'communication', TABLE = 'delivery_attempts', CONSTRAINT = TG_NAME,
            COLUMN = 'status', HINT = 'communication.delivery_may_move says what is allowed.';
  END IF;

  NEW.scheduled_at := OLD.scheduled_at;
  NEW.sent_at := OLD.sent_at;
  NEW.finished_at := CASE WHEN NEW.status IN ('sending', 'sent') THEN NULL ELSE clock_timestamp() END;
  NEW.next_attempt_at := NULL;
  IF NEW.status = 'sending' THEN
    NEW.claimed_at := clock_timestamp();
  ELSE
    NEW.claimed_by := OLD.claimed_by;
    NEW.claimed_at := OLD.claimed_at;
    NEW.lease_expires_at := OLD.lease_expires_at;
  END IF;
  IF NEW.status IN ('sent', 'delivered') THEN
    NEW.sent_at := coalesce(OLD.sent_at, clock_timestamp());
  END IF;
  IF NEW.status = 'failed' THEN
    NEW.next_attempt_at := NEW.finished_at + (0.8 + 0.2 * random())
      * communication.delivery_retry_delay(OLD.attempt_number, OLD.retry_delay, OLD.retry_delay_max);
    IF OLD.attempt_number >= OLD.max_attempts OR NEW.next_attempt_at > OLD.give_up_at THEN
      NEW.status := 'abandoned';
      NEW.next_attempt_at := NULL;
    END IF;
  END IF;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION communication.delivery_move() IS
  'Trigger BEFORE UPDATE of the status: only the changes of delivery_may_move; sets the times itself. A failed attempt gets the time of the next one (80 to 100 per cent of delivery_retry_delay, so that many failures do not come back at once), or becomes abandoned where attempts or time have run out.';

CREATE FUNCTION communication.delivery_stay() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
DECLARE
  may_change constant text[] := ARRAY['policy_id', 'updated_at'] || CASE NEW.status
    WHEN 'scheduled' THEN ARRAY['scheduled_at']
    WHEN 'sending' THEN ARRAY['lease_expires_at', 'provider_message_id']
    WHEN 'sent' THEN ARRAY['provider_message_id']
    ELSE ARRAY[]::text[]
  END;
BEGIN
  IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change
     OR NEW.lease_expires_at < OLD.lease_expires_at THEN
    RAISE EXCEPTION 'a delivery attempt that stays % does not change in this way', NEW.status
      USING ERRCODE = 'check_violation', SCHEMA = 'communication', TABLE = 'delivery_attempts', CONSTRAINT = TG_NAME,
            HINT = 'While scheduled it may get another time, while sending a longer lease and the identity the provider gave it, while sent the latter; then nothing.';
  END IF;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION communication.delivery_stay() IS
  'Trigger BEFORE UPDATE that leaves the status: while scheduled the time may change, while sending the lease may be prolonged and the identity given by the provider noted, while sent the latter; a finished attempt does not change.';

CREATE FUNCTION communication.delivery_retry() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  INSERT INTO communication.delivery_attempts (organization_id, recipient_id, channel_id, scheduled_at)
  VALUES (NEW.organization_id, NEW.recipient_id, NEW.channel_id, NEW.next_attempt_at);
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION communication.delivery_retry() IS
  'Trigger AFTER UPDATE to failed: schedules the next attempt in the same transaction, so that none is ever lost.';

CREATE FUNCTION communication.delivery_refuse_delete() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  RAISE EXCEPTION 'a delivery attempt is not deleted by itself'
    USING ERRCODE = 'check_violation', SCHEMA = 'communication', TABLE = 'delivery_attempts', CONSTRAINT = TG_NAME,
          HINT = 'Cancel it where it is still scheduled. It goes with its recipient, its message or its organisation.';
END
$$;

COMMENT ON FUNCTION communication.delivery_refuse_delete() IS
  'Trigger BEFORE DELETE outside any other trigger: attempts cannot be forgotten to start the counting again. What a foreign key deletes passes.';

CREATE TRIGGER delivery_attempts_begin BEFORE INSERT ON communication.delivery_attempts
  FOR EACH ROW EXECUTE FUNCTION communication.delivery_begin();
CREATE TRIGGER delivery_attempts_identity_fixed BEFORE UPDATE ON communication.delivery_attempts
  FOR EACH ROW WHEN (
    (OLD.organization_id, OLD.recipient_id, OLD.channel_id, OLD.attempt_number, OLD.created_at,
     OLD.max_attempts, OLD.retry_delay, OLD.retry_delay_max, OLD.give_up_at)
    IS DISTINCT FROM
    (NEW.organization_id, NEW.recipient_id, NEW.channel_id, NEW.attempt_number, NEW.created_at,
     NEW.max_attempts, NEW.retry_delay, NEW.retry_delay_max, NEW.give_up_at)
    OR NEW.policy_id <> coalesce(OLD.policy_id, '00000000-0000-0000-0000-000000000000'))
  EXECUTE FUNCTION communication.refuse_change('what a delivery attempt is, its number or its limits');
CREATE TRIGGER delivery_attempts_move BEFORE UPDATE ON communication.delivery_attempts
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION communication.delivery_move();
CREATE TRIGGER delivery_attempts_stay BEFORE UPDATE ON communication.delivery_attempts
  FOR EACH ROW WHEN (OLD.status IS NOT DISTINCT FROM NEW.status)
  EXECUTE FUNCTION communication.delivery_stay();
CREATE TRIGGER delivery_attempts_touch BEFORE UPDATE ON communication.delivery_attempts
  FOR EACH ROW EXECUTE FUNCTION communication.touch_updated_at();
CREATE TRIGGER delivery_attempts_refuse_delete BEFORE DELETE ON communication.delivery_attempts
  FOR EACH ROW WHEN (pg_trigger_depth() = 0)
  EXECUTE FUNCTION communication.delivery_refuse_delete();
CREATE TRIGGER delivery_attempts_retry AFTER UPDATE ON communication.delivery_attempts
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status = 'failed')
  EXECUTE FUNCTION communication.delivery_retry();
CREATE TRIGGER delivery_attempts_channel_scope AFTER INSERT ON communication.delivery_attempts
  FOR EACH ROW EXECUTE FUNCTION communication.require_own_or_system('channel_id', 'channels');
CREATE TRIGGER delivery_attempts_policy_scope AFTER INSERT ON communication.delivery_attempts
  FOR EACH ROW WHEN (NEW.policy_id IS NOT NULL)
  EXECUTE FUNCTION communication.require_own_or_system('policy_id', 'policies');

CREATE FUNCTION communication.expire_delivery_leases(batch_size integer DEFAULT 50) RETURNS bigint
  LANGUAGE sql
  SET search_path = ''
AS $$
  WITH expired AS (
    SELECT attempt.id
      FROM communication.delivery_attempts AS attempt
     WHERE attempt.status = 'sending' AND attempt.lease_expires_at <= now()
     ORDER BY attempt.lease_expires_at
     LIMIT batch_size
       FOR UPDATE SKIP LOCKED
  ), failed AS (
    UPDATE communication.delivery_attempts AS attempt
       SET status = 'failed', error_code = 'lease_expired',
           error_message = 'whoever claimed the attempt did not report on it in time'
      FROM expired
     WHERE attempt.id = expired.id
    RETURNING 1
  )
  SELECT count(*) FROM failed
$$;

COMMENT ON FUNCTION communication.expire_delivery_leases(integer) IS
  'Fails up to batch_size attempts whose claimer did not report before its lease ended, and returns how many. They count as attempts, so that a message that kills its sender is given up in the end; what the late claimer still reports is refused.';

CREATE FUNCTION communication.claim_due_deliveries(
  claimer text, batch_size integer DEFAULT 50, lease interval DEFAULT '2 minutes', only_channel uuid DEFAULT NULL)
  RETURNS SETOF communication.delivery_attempts
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  IF coalesce(btrim(claimer), '') = '' OR coalesce(batch_size, 0) < 1 OR coalesce(lease, interval '0') <= interval '0' THEN
    RAISE EXCEPTION 'claiming deliveries needs a name, a batch size above 0 and a lease above 0'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM communication.expire_delivery_leases(batch_size);
  RETURN QUERY
    WITH due AS (
      SELECT attempt.id, message.deleted_at IS NOT NULL AS taken_back
        FROM communication.delivery_attempts AS attempt
        JOIN communication.message_recipients AS recipient ON recipient.id = attempt.recipient_id
        JOIN communication.messages AS message ON message.id = recipient.message_id
       WHERE attempt.status = 'scheduled' AND attempt.scheduled_at <= now()
         AND (only_channel IS NULL OR attempt.channel_id = only_channel)
       ORDER BY attempt.scheduled_at
       LIMIT batch_size
         FOR UPDATE OF attempt SKIP LOCKED
    ), moved AS (
      UPDATE communication.delivery_attempts AS attempt
         SET status = CASE WHEN due.taken_back THEN 'cancelled' ELSE 'sending' END,
             claimed_by = CASE WHEN due.taken_back THEN NULL ELSE claimer END,
             lease_expires_at = CASE WHEN due.taken_back THEN NULL ELSE clock_timestamp() + lease END
        FROM due
       WHERE attempt.id = due.id
      RETURNING attempt.*
    )
    SELECT moved.* FROM moved WHERE moved.status = 'sending' ORDER BY moved.scheduled_at;
END
$$;

COMMENT ON FUNCTION communication.claim_due_deliveries(text, integer, interval, uuid) IS
  'Takes up to batch_size attempts that are due, oldest first, and returns them as sending, leased to claimer. Any number of callers may run at once: none waits for another, none gets what another has. Leases that ended are failed first; due attempts of a deleted message are cancelled instead of returned. Commit before sending, report by updating the status, prolong by updating lease_expires_at.';

COMMENT ON TABLE communication.delivery_attempts IS 'One try to bring a message to one recipient on one channel. A failed try is followed by the next until it is delivered or given up; triggers keep states, counting and times right.';
COMMENT ON COLUMN communication.delivery_attempts.id IS 'Identity of the attempt; providers that know idempotency keys get it as one.';
COMMENT ON COLUMN communication.delivery_attempts.organization_id IS 'The organisation it belongs to: always that of its recipient. Never changes.';
COMMENT ON COLUMN communication.delivery_attempts.recipient_id IS 'Whom it is for, of which message. Never changes.';
COMMENT ON COLUMN communication.delivery_attempts.channel_id IS 'On which channel: one of the same organisation or of the system. Never changes.';
COMMENT ON COLUMN communication.delivery_attempts.policy_id IS 'Where the limits below were copied from; null where they were given or the policy is gone.';
COMMENT ON COLUMN communication.delivery_attempts.attempt_number IS 'Counts from 1 per recipient and channel, without a gap; set by a trigger.';
COMMENT ON COLUMN communication.delivery_attempts.status IS 'scheduled, sending (claimed), sent (taken by the provider), delivered; failed (another attempt follows), abandoned (given up), cancelled.';
COMMENT ON COLUMN communication.delivery_attempts.scheduled_at IS 'When it is due.';
COMMENT ON COLUMN communication.delivery_attempts.max_attempts IS 'The last attempt_number that this delivery gets. Never changes.';
COMMENT ON COLUMN communication.delivery_attempts.retry_delay IS 'Wait after the first failed attempt; doubles with every further one. Never changes.';
COMMENT ON COLUMN communication.delivery_attempts.retry_delay_max IS 'The longest wait between two attempts. Never changes.';
COMMENT ON COLUMN communication.delivery_attempts.give_up_at IS 'No attempt is scheduled after this time; where nothing is said, 3 days after the first was due. Never changes.';
COMMENT ON COLUMN communication.delivery_attempts.claimed_by IS 'Which sender claimed it; null before.';
COMMENT ON COLUMN communication.delivery_attempts.claimed_at IS 'When it was claimed; set by a trigger.';
COMMENT ON COLUMN communication.delivery_attempts.lease_expires_at IS 'Until when the claimer has to report or prolong; after it the attempt counts as failed.';
COMMENT ON COLUMN communication.delivery_attempts.sent_at IS 'When the provider took it; set by a trigger.';
COMMENT ON COLUMN communication.delivery_attempts.finished_at IS 'When it was delivered, failed, given up or cancelled; set by a trigger.';
COMMENT ON COLUMN communication.delivery_attempts.next_attempt_at IS 'When the attempt that follows this failed one is due; set by a trigger.';
COMMENT ON COLUMN communication.delivery_attempts.provider_message_id IS 'What the provider calls the message; null where it said nothing.';
COMMENT ON COLUMN communication.delivery_attempts.error_code IS 'Why it failed or was given up, for programs; lease_expired where its claimer fell silent.';
COMMENT ON COLUMN communication.delivery_attempts.error_message IS 'The same for people.';
COMMENT ON COLUMN communication.delivery_attempts.created_at IS 'When the attempt was scheduled.';
COMMENT ON COLUMN communication.delivery_attempts.updated_at IS 'When this row was last changed; kept by a trigger.';
COMMENT ON CONSTRAINT delivery_attempts_number_key ON communication.delivery_attempts IS
  'One series of attempts per recipient and channel, also when two begin at once. Further attempts are made by the database when one fails; to send once more, write a new message.';
COMMENT ON INDEX communication.idx_delivery_lease IS 'Finds leases that ended.';
COMMENT ON INDEX communication.idx_delivery_recipient IS 'Serves the foreign keys to communication.message_recipients and core.organizations.';
COMMENT ON INDEX communication.idx_delivery_channel IS 'Serves the foreign key to communication.channels.';
COMMENT ON INDEX communication.idx_delivery_policy IS 'Serves the foreign key to communication.policies.';

CREATE INDEX CONCURRENTLY idx_delivery_status_scheduled ON communication.delivery_attempts (status, scheduled_at)
  WHERE status IN ('scheduled', 'sending');

COMMENT ON INDEX communication.idx_delivery_status_scheduled IS
  'Serves the delivery queue: what is due, oldest first. Holds unfinished attempts only, so that it stays small.';
