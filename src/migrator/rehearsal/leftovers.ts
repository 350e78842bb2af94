/**
 * Throw-away databases of rehearsals that were killed: known by name and by what they were made with, and dropped once they are
 * old and nobody is connected. One that cannot be dropped is left alone; it never stands in the way of a rehearsal.
 */
import type pg from 'pg';
import { birthMark, THROW_AWAY_COMMENT, THROW_AWAY_PREFIX } from './throw-away.ts';

export interface Leftover {
  readonly name: string;
  /** ISO 8601, from its comment; of one that was left before it got one, from its birth mark. */
  readonly since: string;
}

/** A rehearsal is connected to its database from a moment after it made it; this is that moment, with much to spare. */
const LEFTOVER_AGE_MS = 5 * 60_000;
/** No birth mark is older. */
const FIRST_BIRTH_MARK = birthMark(Date.UTC(2024, 0));

/** Databases of this prefix that are marked as ours and have no session on them. */
const LEFTOVERS = `
  select d.datname::text as name,
         coalesce(substring(shobj_description(d.oid, 'pg_database') from length($2) + 8),
                  to_char(to_timestamp(d.datconnlimit * 60.0) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) as since
    from pg_database d
   where starts_with(d.datname, $1)
     and (starts_with(shobj_description(d.oid, 'pg_database'), $2)
          or (shobj_description(d.oid, 'pg_database') is null
              and substr(d.datname, length($1) + 1) ~ '^[0-9a-f]{12}$' and d.datconnlimit between $3 and $4))
     and pg_has_role(d.datdba, 'USAGE')
     and not exists (select from pg_stat_activity a where a.datid = d.oid)
   order by 1`;

/** Drops them; gives those that are gone now. The client must not be in a transaction. */
export async function dropLeftovers(client: pg.Client): Promise<Leftover[]> {
  const marks = [FIRST_BIRTH_MARK, birthMark(Date.now())];
  const { rows } = await client.query<Leftover>(LEFTOVERS, [THROW_AWAY_PREFIX, THROW_AWAY_COMMENT, ...marks]);
  const dropped: Leftover[] = [];
  for (const leftover of rows) {
    const ageMs = Date.now() - Date.parse(leftover.since);
    // An unreadable date is no proof of age.
    if (!(ageMs >= LEFTOVER_AGE_MS)) continue;
    // Without FORCE: whoever has connected in between keeps it.
    const isGone = await client.query(`drop database if exists "${leftover.name}"`).then(
      () => true,
      () => false,
    );
    if (isGone) dropped.push(leftover);
  }
  return dropped;
}
