/** The schema `drydock` in a target database, where Drydock keeps what has to survive a worker. Made by the first who needs it. */
import type pg from 'pg';

export const DRYDOCK_SCHEMA = 'drydock';

// Two that come at once both want to make it; the second waits for the first and then finds it.
const CREATE = `
do $$
begin
  if to_regnamespace('${DRYDOCK_SCHEMA}') is null then
    perform pg_advisory_xact_lock(hashtextextended('schema ${DRYDOCK_SCHEMA}', 0));
    create schema if not exists ${DRYDOCK_SCHEMA};
    comment on schema ${DRYDOCK_SCHEMA} is 'What Drydock keeps for itself in a database that it works on.';
  end if;
end
$$`;

/** Makes the schema where it is missing. Harmless to repeat and in a race. */
export async function ensureDrydockSchema(client: pg.ClientBase): Promise<void> {
  await client.query(CREATE);
}
