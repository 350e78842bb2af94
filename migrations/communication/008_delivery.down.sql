-- Drops communication.delivery_attempts with its functions.
-- Locks: ACCESS EXCLUSIVE on the table and, for its foreign keys, on core.organizations,
-- communication.message_recipients, communication.channels and communication.policies (everybody waits).

DROP FUNCTION communication.claim_due_deliveries(text, integer, interval, uuid);
DROP FUNCTION communication.expire_delivery_leases(integer);
DROP TABLE communication.delivery_attempts;
DROP FUNCTION communication.delivery_refuse_delete();
DROP FUNCTION communication.delivery_retry();
DROP FUNCTION communication.delivery_stay();
DROP FUNCTION communication.delivery_move();
DROP FUNCTION communication.delivery_begin();
DROP FUNCTION communication.delivery_retry_delay(integer, interval, interval);
DROP FUNCTION communication.delivery_may_move(text, text);
