/** What the role of the URL lacks for this drain, and the statement that gives it. Asked before anything is changed. */
import pg from 'pg';
import { count } from '../../checks/outcome.ts';
import type { Problem } from '../../model/problem.ts';
import type { Roles, Scope } from './scope.ts';
import type { Place } from './setting.ts';

interface Lack {
  readonly what: string;
  readonly remedy: string;
}

interface Me {
  readonly name: string;
  readonly database: string;
  readonly owner: string;
  readonly isSuperuser: boolean;
  readonly actsAsOwner: boolean;
  readonly maySeeAll: boolean;
  readonly maySignalAll: boolean;
}

const ME = `
  select me.rolname::text as name, d.datname::text as database, o.rolname::text as owner, me.rolsuper as "isSuperuser",
         pg_has_role(d.datdba, 'usage') as "actsAsOwner", pg_has_role('pg_read_all_stats', 'usage') as "maySeeAll",
         pg_has_role('pg_signal_backend', 'usage') as "maySignalAll"
    from pg_roles me, pg_database d join pg_roles o on o.oid = d.datdba
   where me.rolname = current_user and d.datname = current_database()`;

interface RoleRights {
  readonly role: string;
  readonly isSuperuser: boolean;
  readonly mayAlter: boolean;
  /** Of its sessions: seen and ended without rights over all of them. */
  readonly actsAsIt: boolean;
}

// Until 15 CREATEROLE was enough; since 16 the right to administer the role is asked for as well.
const ROLES = `
  select r.rolname::text as role, r.rolsuper as "isSuperuser", pg_has_role(r.oid, 'usage') as "actsAsIt",
         me.rolsuper or r.oid = me.oid or (not r.rolsuper and me.rolcreaterole and
           (current_setting('server_version_num')::int < 160000 or pg_has_role(r.oid, 'member with admin option'))) as "mayAlter"
    from pg_roles r, pg_roles me
   where r.rolname = any ($1::text[]) and me.rolname = current_user
   order by 1`;

/** Undefined where nothing is missing. */
export async function missingRights(client: pg.ClientBase, { roles, places }: Scope): Promise<Problem | undefined> {
  const me = (await client.query<Me>(ME)).rows[0]!;
  if (me.isSuperuser) return undefined;
  const names = places.flatMap(({ role }) => role ?? []);
  const each = (await client.query<RoleRights>(ROLES, [names])).rows;
  const lacks = [...lacksOfDatabase(me, places), ...each.flatMap((one) => lacksOfRole(me, one))];
  return problemOf(me, [...lacks, ...lacksOfSessions(me, roles, each)]);
}

function lacksOfDatabase({ name, database, owner, actsAsOwner }: Me, places: readonly Place[]): readonly Lack[] {
  if (actsAsOwner || places.every(({ role }) => role !== null)) return [];
  return [
    {
      what: `the database ${database} belongs to ${owner}: role ${name} may not change its settings`,
      remedy: `GRANT ${id(owner)} TO ${id(name)}`,
    },
  ];
}

function lacksOfRole({ name }: Me, { role, isSuperuser, mayAlter }: RoleRights): readonly Lack[] {
  if (mayAlter) return [];
  const what = `role ${name} may not change the settings of role ${role}`;
  if (isSuperuser) return [{ what: `${what}, a superuser`, remedy: 'connect as a superuser' }];
  return [{ what, remedy: `ALTER ROLE ${id(name)} CREATEROLE; GRANT ${id(role)} TO ${id(name)} WITH ADMIN OPTION` }];
}

function lacksOfSessions(
  { name, maySeeAll, maySignalAll }: Me,
  roles: Roles,
  each: readonly RoleRights[],
): readonly Lack[] {
  const isAnyOther = roles === null || each.some(({ actsAsIt }) => !actsAsIt);
  const whose = roles === null ? 'of others' : `of ${each.flatMap((one) => (one.actsAsIt ? [] : one.role)).join(', ')}`;
  if (!isAnyOther) return [];
  const see = { what: `role ${name} may not see the sessions ${whose}`, remedy: `GRANT pg_monitor TO ${id(name)}` };
  const end = {
    what: `role ${name} may not end the sessions ${whose}`,
    remedy: `GRANT pg_signal_backend TO ${id(name)}`,
  };
  return [...(maySeeAll ? [] : [see]), ...(maySignalAll ? [] : [end])];
}

function problemOf({ name }: Me, lacks: readonly Lack[]): Problem | undefined {
  if (lacks.length === 0) return undefined;
  return {
    code: 'missing-rights',
    message: `role ${name} lacks ${count(lacks.length, 'right')} to make sessions read-only; nothing was changed`,
    found: lacks.map(({ what }) => what).join('\n'),
    expected: 'a role that may change these settings, and see and end these sessions',
    next: `let an administrator run: ${lacks.map(({ remedy }) => remedy).join('; ')}`,
    retry: 'stop',
  };
}

function id(name: string): string {
  return pg.escapeIdentifier(name);
}
