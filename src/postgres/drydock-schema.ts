/** The schema `drydock` in a target database, where Drydock keeps what has to survive a worker. Made by the first who needs it. */
import type pg from 'pg';

// Two that come at once both want to make it; the second waits for the first and then finds it.
/** SQL, to be sent by itself or before more; in a transaction or not. */
export const CREATE_DRYDOCK_SCHEMA = `
do $drydock$
begin
  if to_regnamespace('drydock') is null then
    perform pg_advisory_xact_lock(hashtextextended('schema drydock', 0));
    create schema if not exists drydock;
    comment on schema drydock is 'What Drydock keeps for itself in a database that it works on.';
  end if;
end
$drydock$;`;

/** Makes the schema where it is missing. Harmless to repeat and in a race. */
export async function ensureDrydockSchema(client: pg.ClientBase): Promise<void> {
  await client.query(CREATE_DRYDOCK_SCHEMA);
}
