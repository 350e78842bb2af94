/** What a rehearsal has to know of the database that it stands in for, read without changing anything. */
import type pg from 'pg';

export interface TargetFacts {
  /** As `server_version` says: `15.18`. */
  readonly serverVersion: string;
  readonly major: number;
  readonly mayCreateDatabases: boolean;
  readonly role: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** `c`, `i` or `b`, as `datlocprovider` says; `c` before PostgreSQL 15. */
  readonly provider: string;
  readonly locale: string | null;
  /** Settings of the database itself, as `name=value`. */
  readonly settings: readonly string[];
}

// A hold on traffic makes a database read-only; a throw-away one has no traffic.
const FACTS = `
  select split_part(current_setting('server_version'), ' ', 1) as "serverVersion",
         current_setting('server_version_num')::int / 10000 as major,
         r.rolsuper or r.rolcreatedb as "mayCreateDatabases", r.rolname::text as role,
         pg_encoding_to_char(d.encoding)::text as encoding, d.datcollate::text as collate, d.datctype::text as ctype,
         coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') as provider,
         coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale,
         array(select setting from pg_db_role_setting s, unnest(s.setconfig) as setting
                where s.setdatabase = d.oid and s.setrole = 0
                  and setting not like 'default_transaction_read_only=%') as settings
    from pg_database d, pg_roles r
   where d.datname = current_database() and r.rolname = current_user`;

export async function readTargetFacts(client: pg.Client): Promise<TargetFacts> {
  const { rows } = await client.query<TargetFacts>(FACTS);
  return rows[0]!;
}

/** What follows `create database <name>` for one like it on the same server. */
export function sameServerOptions(facts: TargetFacts): string {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const locale = facts.locale === null ? '' : literal(facts.locale);
  const provider: Readonly<Record<string, string>> = {
    i: ` locale_provider icu icu_locale ${locale}`,
    b: ` locale_provider builtin builtin_locale ${locale}`,
  };
  return `template template0 encoding ${literal(facts.encoding)} lc_collate ${literal(facts.collate)} lc_ctype ${literal(facts.ctype)}${provider[facts.provider] ?? ''}`;
}
