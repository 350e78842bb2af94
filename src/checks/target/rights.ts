/** May this role do what the migrations do: create in the owned schemas, act as the owner of what is there, name others' tables? */

import type { Evidence } from '../../model/outcome.ts';
import type { OwnedFacts, SchemaFacts, TableFacts } from '../environment-lacks.ts';
import { lacksOfOwned, lacksOfOwnSchema, lacksOfSchema, lacksOfTable } from '../environment-lacks.ts';
import { fact } from '../outcome.ts';
import { type Finding, look } from './look.ts';
import { literals } from './tables-in-question.ts';

interface RoleRow {
  readonly superuser: boolean;
  readonly monitors: boolean;
}

/** Without pg_monitor much of what others do is hidden: it is said here, and by each look that misses it. */
export const roleLook = look<RoleRow>({
  name: 'role',
  sql: () => `
    select r.rolsuper as superuser, pg_has_role('pg_monitor', 'usage') as monitors
      from pg_roles r where r.rolname = current_user`,
  judge: ([role], { identity }) => ({ evidence: [fact('role', `${identity.user}${rankOf(role)}`)] }),
});

function rankOf(role: RoleRow | undefined): string {
  if (role?.superuser) return ', a superuser';
  return role?.monitors ? ', with pg_monitor' : ', without pg_monitor: other sessions are hidden';
}

interface SchemaRow extends SchemaFacts {
  readonly mayCreateSchemas: boolean;
}

export const schemaLook = look<SchemaRow>({
  name: 'schemas',
  sql: ({ schemas }) => `
    select s.name, pg_get_userbyid(n.nspowner)::text as owner, has_schema_privilege(n.oid, 'CREATE') as "mayCreate",
           pg_has_role(n.nspowner, 'USAGE') as "actsAsOwner",
           has_database_privilege(current_database(), 'CREATE') as "mayCreateSchemas"
      from unnest(${literals(schemas)}) with ordinality as s (name, place) left join pg_namespace n on n.nspname = s.name
     order by s.place`,
  judge: (rows, { identity }) => ({
    evidence: rows.map(schemaEvidence),
    lacks: rows.flatMap((row) => lacksOfSchema(row, row.mayCreateSchemas, identity)),
  }),
});

function schemaEvidence(schema: SchemaRow): Evidence {
  const name = `schema ${schema.name}`;
  if (schema.owner === null) {
    const may = schema.mayCreateSchemas ? 'absent, may be created' : 'absent, may not be created';
    return fact(name, may, 'may be created');
  }
  const rights = schema.mayCreate ? 'may create in it' : 'may not create in it';
  return fact(name, `owned by ${schema.owner}, ${rights}`, 'may create in it');
}

/** What stands in the owned schemas and belongs to somebody whom this role may not act for. */
export const ownedLook = look<OwnedFacts>({
  name: 'owners',
  sql: ({ schemas }) => `
    select pg_get_userbyid(o.owner)::text as owner, array_agg(o.name order by o.name) as names
      from (select c.relowner as owner, n.nspname || '.' || c.relname as name
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = any (${literals(schemas)}) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
            union all
            select p.proowner, n.nspname || '.' || p.proname || '()'
              from pg_proc p join pg_namespace n on n.oid = p.pronamespace
             where n.nspname = any (${literals(schemas)})) o
     where not pg_has_role(o.owner, 'USAGE') group by 1 order by 1`,
  judge: (rows, { identity }): Finding => ({
    evidence: rows.map(({ owner, names }) =>
      fact(`owned by ${owner}`, names.join(', '), `acted for by ${identity.user}`),
    ),
    lacks: rows.flatMap((row) => lacksOfOwned(row, identity.user)),
  }),
});

export const tableLook = look<TableFacts>({
  name: 'referenced tables',
  sql: ({ alsoTables }) => `
    select t.name, c.oid is not null as "isThere", has_schema_privilege(n.oid, 'USAGE') as "mayUseSchema",
           has_table_privilege(c.oid, 'REFERENCES') as "mayReference"
      from unnest(${literals(alsoTables)}) with ordinality as t (name, place)
           left join pg_namespace n on n.nspname = split_part(t.name, '.', 1)
           left join pg_class c on c.relnamespace = n.oid and c.relname = split_part(t.name, '.', 2)
                               and c.relkind in ('r', 'p')
     order by t.place`,
  judge: (rows, { identity }) => ({
    evidence: rows.map(tableEvidence),
    lacks: rows.flatMap((row) => lacksOfTable(row, identity.user)),
  }),
});

function tableEvidence(table: TableFacts): Evidence {
  const rights = table.mayUseSchema && table.mayReference ? 'there, may be referenced' : 'there, may not be referenced';
  return fact(`table ${table.name}`, table.isThere ? rights : 'missing', 'there, may be referenced');
}

interface OwnSchemaRow {
  readonly isThere: boolean;
  readonly mayWork: boolean;
}

/** Claims, holds and fingerprints of runs are kept in the database itself. */
export const ownSchemaLook = look<OwnSchemaRow>({
  name: 'schema drydock',
  sql: () => `
    select count(n.oid) > 0 as "isThere",
           coalesce(bool_and(has_schema_privilege(n.oid, 'CREATE') and has_schema_privilege(n.oid, 'USAGE')),
                    has_database_privilege(current_database(), 'CREATE')) as "mayWork"
      from pg_namespace n where n.nspname = 'drydock'`,
  judge: (rows, { identity }) => ({ evidence: [], lacks: rows.flatMap((row) => lacksOfOwnSchema(row, identity)) }),
});
