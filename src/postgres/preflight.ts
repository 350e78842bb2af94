/**
 * Refuses a database on which no migration can work, before anything is locked: a replica, a read-only database, a role
 * without the rights. It changes nothing.
 */
import pg from 'pg';
import { ProblemError } from '../model/problem.ts';

/** A row of `preflightSql`. */
export interface Facts {
  readonly in_recovery: boolean;
  readonly read_only: boolean;
  readonly role: string;
  readonly database: string;
  readonly may_create: boolean;
  /** Owned schemas that are there. */
  readonly present: string[];
  /** Those among them in which this role may not create. */
  readonly closed: string[];
}

const FACTS = (schemas: string, asksItself: string) => `
  select pg_is_in_recovery() as in_recovery,
         (${asksItself} and current_setting('transaction_read_only')::boolean)
           or exists (select from pg_db_role_setting s, unnest(s.setconfig) c
                      where s.setdatabase in (0, d.oid) and s.setrole in (0, r.oid)
                        and c ~* '^default_transaction_read_only=(on|true|yes|1)$') as read_only,
         current_user as role, current_database() as database,
         has_database_privilege(current_database(), 'CREATE') as may_create,
         array(select nspname::text from pg_namespace where nspname = any (${schemas}) order by 1) as present,
         array(select nspname::text from pg_namespace
               where nspname = any (${schemas}) and not has_schema_privilege(oid, 'CREATE') order by 1) as closed
    from pg_database d, pg_roles r
   where d.datname = current_database() and r.rolname = session_user`;

/** Whether the session that asks may write itself; one of a run may, also where a drain has made everybody read-only. */
export interface PreflightOptions {
  /** The schemas the migrations own. */
  readonly schemas: readonly string[];
  readonly session: 'migrate' | 'read' | 'run';
}

/** Errors: `database-is-replica`, `database-read-only`, `missing-rights`; all `stop`. */
export async function preflight(client: pg.Client, options: PreflightOptions): Promise<void> {
  const { rows } = await client.query<Facts>(preflightSql(options));
  const facts = rows[0]!;
  const ours = facts.read_only && options.session === 'run' && (await isHeldReadOnly(client));
  refuseUnfit(ours ? { ...facts, read_only: false } : facts, options);
}

/** Whether it is a drain of ours that has made sessions read-only: for a run that works under it. */
async function isHeldReadOnly(client: pg.Client): Promise<boolean> {
  const there = await client.query<{ there: boolean }>(
    `select to_regclass('drydock.held_things') is not null as there`,
  );
  if (!there.rows[0]!.there) return false;
  const { rows } = await client.query(`select from drydock.held_things where kind = 'read-only' limit 1`);
  return rows.length > 0;
}

/** One query of one row, to be sent with others. */
export function preflightSql({ schemas, session }: PreflightOptions): string {
  // A session that is read-only by our own wish proves nothing by its own setting.
  const asksItself = session === 'migrate' ? 'true' : 'false';
  return FACTS(`array[${schemas.map((name) => pg.escapeLiteral(name)).join(', ')}]::text[]`, asksItself);
}

/** Errors: as `preflight`. */
export function refuseUnfit(facts: Facts, options: PreflightOptions): void {
  if (facts.in_recovery) throw replica();
  if (facts.read_only) throw readOnly(facts);
  refuseMissingRights(facts, options.schemas);
}

function refuseMissingRights(facts: Facts, schemas: readonly string[]): void {
  const absent = schemas.filter((schema) => !facts.present.includes(schema));
  if (absent.length > 0 && !facts.may_create) {
    throw missingRights(
      `role ${facts.role} may not create the schema ${absent.join(', ')} in database ${facts.database}`,
      `GRANT CREATE ON DATABASE "${facts.database}" TO "${facts.role}"`,
    );
  }
  if (facts.closed.length > 0) {
    throw missingRights(
      `role ${facts.role} may not create in the schema ${facts.closed.join(', ')}`,
      `GRANT CREATE ON SCHEMA ${facts.closed.map((name) => `"${name}"`).join(', ')} TO "${facts.role}"`,
    );
  }
}

function missingRights(found: string, grant: string): ProblemError {
  return new ProblemError({
    code: 'missing-rights',
    message: 'the role of the URL lacks rights that the migrations need',
    found,
    expected: 'the right to create in the database and in the schemas that the migrations own',
    next: `connect as another role, or let an administrator run: ${grant}`,
  });
}

function replica(): ProblemError {
  return new ProblemError({
    code: 'database-is-replica',
    message: 'this server is a replica',
    found: 'pg_is_in_recovery() is true: it replays another server and takes no writes',
    expected: 'the primary',
    next: 'pass the URL of the primary with --url',
  });
}

function readOnly(facts: Facts): ProblemError {
  return new ProblemError({
    code: 'database-read-only',
    message: 'this database takes no writes',
    found: `default_transaction_read_only is on for role ${facts.role} in database ${facts.database}`,
    expected: 'a database and role that may write',
    next: `if nobody holds it on purpose: ALTER DATABASE "${facts.database}" RESET default_transaction_read_only`,
  });
}
