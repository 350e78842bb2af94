/**
 * Does this worker have what the migrations need: a URL from the place the target names, a server that is new enough, a
 * role with the rights, and the tables of others that foreign keys will name? All that is missing is said at once.
 */
import type pg from 'pg';
import { type ClaimRow, readClaim } from '../migrator/claim.ts';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import { OLDEST_SERVER_VERSION, type Session } from '../postgres/connect.ts';
import type { Check, CheckContext } from './context.ts';
import { lacksOfSchema, lacksOfTable, refusal, type SchemaFacts, type TableFacts } from './environment-lacks.ts';
import { readIdentity, versionText } from './identity.ts';
import { readMigrationTables } from './migration-tables.ts';
import { count, fact, failed, passed } from './outcome.ts';
import { withSession } from './session.ts';

const SCHEMAS = `
  select s.name, pg_get_userbyid(n.nspowner)::text as owner,
         has_schema_privilege(n.oid, 'CREATE') as "mayCreate", pg_has_role(n.nspowner, 'USAGE') as "actsAsOwner"
    from unnest($1::text[]) with ordinality as s (name, place) left join pg_namespace n on n.nspname = s.name
   order by s.place`;

const TABLES = `
  select t.name, c.oid is not null as "isThere",
         has_schema_privilege(n.oid, 'USAGE') as "mayUseSchema", has_table_privilege(c.oid, 'REFERENCES') as "mayReference"
    from unnest($1::text[]) with ordinality as t (name, place)
         left join pg_namespace n on n.nspname = split_part(t.name, '.', 1)
         left join pg_class c on c.relnamespace = n.oid and c.relname = split_part(t.name, '.', 2)
                             and c.relkind in ('r', 'p')
   order by t.place`;

const DATABASE = `select has_database_privilege(current_database(), 'CREATE') as "mayCreate"`;

export const checkEnvironment: Check<'environment'> = async (context) => {
  const { referenced } = await readMigrationTables(context.runbook, context.root);
  return withSession(context, 'environment', (session) => look(context, session, referenced));
};

async function look(context: CheckContext, { client }: Session, referenced: readonly string[]): Promise<CheckOutcome> {
  const identity = await readIdentity(client);
  const schemas = await rowsOf<SchemaFacts>(client, SCHEMAS, [context.runbook.schemas]);
  const tables = await rowsOf<TableFacts>(client, TABLES, [referenced]);
  const [database] = await rowsOf<{ mayCreate: boolean }>(client, DATABASE, []);
  const mayCreate = database!.mayCreate;
  const claim = await readClaim(client);
  const oldest = `${versionText(OLDEST_SERVER_VERSION)} or newer`;
  const evidence = [
    fact('URL from', context.target.urlSource),
    fact('server version', versionText(identity.serverVersion), oldest),
    fact('database', identity.database),
    fact('role', identity.user),
    ...schemas.map((schema) => describeSchema(schema, mayCreate)),
    ...tables.map(describeTable),
    describeClaim(claim),
  ];
  const lacks = [
    ...schemas.flatMap((schema) => lacksOfSchema(schema, mayCreate, identity)),
    ...tables.flatMap((table) => lacksOfTable(table, identity.user)),
  ];
  if (lacks.length > 0) return failed(context, refusal(lacks), evidence);
  const needed = count(tables.length, 'referenced table');
  return passed(context, `role ${identity.user} has the rights it needs; ${needed} there`, evidence);
}

async function rowsOf<T extends pg.QueryResultRow>(client: pg.Client, sql: string, values: unknown[]): Promise<T[]> {
  return (await client.query<T>(sql, values)).rows;
}

function describeSchema(schema: SchemaFacts, mayCreateSchemas: boolean): Evidence {
  const name = `schema ${schema.name}`;
  if (schema.owner === null) {
    return fact(name, mayCreateSchemas ? 'absent, may be created' : 'absent, may not be created', 'may be created');
  }
  const rights = schema.mayCreate ? 'may create in it' : 'may not create in it';
  return fact(name, `owned by ${schema.owner}, ${rights}`, 'may create in it');
}

function describeTable(table: TableFacts): Evidence {
  const rights = table.mayUseSchema && table.mayReference ? 'there, may be referenced' : 'there, may not be referenced';
  return fact(`table ${table.name}`, table.isThere ? rights : 'missing', 'there, may be referenced');
}

/** Named, not judged: whether a claim stands in the way is decided where it is taken. */
function describeClaim(claim: ClaimRow | null): Evidence {
  return fact('claim', claim === null ? 'none' : `${claim.operation} ${claim.workflowId}, since ${claim.claimedAt}`);
}
