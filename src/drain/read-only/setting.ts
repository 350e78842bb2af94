/**
 * The one setting that this drain turns: `default_transaction_read_only` of a database, or of a role in it. Read and written as
 * the catalog keeps it, where "not set" is another thing than `off`. Whose setting it is to be is not decided here.
 */
import pg from 'pg';

/** `role` null: the database's own. */
export interface Place {
  readonly role: string | null;
}

export interface Setting extends Place {
  /** As it was written, for example `off`; null where it is not set there. */
  readonly value: string | null;
}

export const SETTING = 'default_transaction_read_only';
export const HELD_VALUE = 'on';

/** Over pg_db_role_setting as `s`. */
export const SETTING_VALUE = `(select substr(c, length('${SETTING}=') + 1) from unnest(s.setconfig) as c
                                where c like '${SETTING}=%')`;

/** The roles among these places that are not there have no setting and are left out. */
export async function readSettings(client: pg.ClientBase, places: readonly Place[]): Promise<readonly Setting[]> {
  const { rows } = await client.query<Setting>(
    `select p.role, ${SETTING_VALUE} as value
       from unnest($1::text[]) with ordinality as p (role, place)
       join pg_database d on d.datname = current_database()
       left join pg_roles r on r.rolname = p.role
       left join pg_db_role_setting s on s.setdatabase = d.oid and s.setrole = coalesce(r.oid, 0)
      where p.role is null or r.oid is not null
      order by p.place`,
    [places.map(({ role }) => role)],
  );
  return rows;
}

/** The statement that makes it so. `database`: the current one's name. */
export function alterSetting(database: string, { role, value }: Setting): string {
  const whose =
    role === null
      ? `alter database ${pg.escapeIdentifier(database)}`
      : `alter role ${pg.escapeIdentifier(role)} in database ${pg.escapeIdentifier(database)}`;
  return value === null ? `${whose} reset ${SETTING}` : `${whose} set ${SETTING} = ${pg.escapeLiteral(value)}`;
}

/** `the database`, `role app`. */
export function placeWords({ role }: Place): string {
  return role === null ? 'the database' : `role ${role}`;
}

/** `not set`, `off`. */
export function valueWords(value: string | null): string {
  return value ?? 'not set';
}
