/**
 * Whose sessions this drain makes read-only, and where that has to be set: a role's own setting wins over the database's, so a
 * drain of everybody has to turn those too. Superusers and roles of replication are left alone unless they are named.
 */
import type pg from 'pg';
import { OWN_APPLICATION } from '../../checks/session.ts';
import { ProblemError } from '../../model/problem.ts';
import { type Place, SETTING_VALUE } from './setting.ts';

/** Names of roles; null: everybody. */
export type Roles = readonly string[] | null;

export interface Scope {
  readonly roles: Roles;
  readonly places: readonly Place[];
}

// A role's setting in this database counts before its setting everywhere; one that says `on` need not be turned.
const OVERRIDING = `
  with set as (
    select s.setrole, s.setdatabase, ${SETTING_VALUE} as value
      from pg_db_role_setting s
     where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  ), counts as (
    select distinct on (setrole) setrole, value from set where value is not null order by setrole, setdatabase desc
  )
  select r.rolname::text as role
    from counts join pg_roles r on r.oid = setrole
   where not value::boolean and r.rolcanlogin and not r.rolsuper and not r.rolreplication
     and has_database_privilege(r.oid, current_database(), 'connect')
   order by 1`;

/** Error: `drain-role-missing`. */
export async function readScope(client: pg.ClientBase, named: readonly string[]): Promise<Scope> {
  if (named.length > 0) {
    await requireRoles(client, named);
    return { roles: named, places: named.map((role) => ({ role })) };
  }
  const { rows } = await client.query<{ role: string }>(OVERRIDING);
  return { roles: null, places: [{ role: null }, ...rows] };
}

async function requireRoles(client: pg.ClientBase, named: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    'select role from unnest($1::text[]) as role where not exists (select from pg_roles where rolname = role) order by 1',
    [named],
  );
  if (rows.length === 0) return;
  const missing = rows.map(({ role }) => role).join(', ');
  throw new ProblemError({
    code: 'drain-role-missing',
    message: 'a role whose sessions are to be made read-only does not exist',
    found: `no role ${missing} on this server`,
    expected: 'the roles under which applications connect',
    next: 'correct drain.roles of the target in drydock.yaml, and start again',
  });
}

/**
 * Whether a session is one of those, over pg_stat_activity as `a` and its role in pg_roles as `r`. `$1`: Roles. Ours are never.
 * A session that this role may not see has neither a type nor a state.
 */
export const IN_SCOPE = `(
  a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
  and coalesce(a.application_name, '') not like '${OWN_APPLICATION}:%'
  and case when $1::text[] is null then not r.rolsuper and not r.rolreplication else r.rolname = any ($1::text[]) end)`;

/** For a person: `everybody`, `app, reports`. */
export function rolesWords(roles: Roles): string {
  return roles === null ? 'everybody' : roles.join(', ');
}
