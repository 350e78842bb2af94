/**
 * What the catalog says about an index that was to be built CONCURRENTLY: the only witness after a build was cut off. It
 * asks and decides nothing.
 */
import pg from 'pg';
import type { ObjectName } from './statement-kinds.ts';

export type IndexState =
  | { readonly kind: 'absent' }
  /** `name` is qualified and quoted. */
  | { readonly kind: 'valid'; readonly name: string }
  | { readonly kind: 'invalid'; readonly name: string }
  /** Invalid so far, because another backend is building it at this moment. */
  | { readonly kind: 'building'; readonly name: string; readonly pid: number };

/** Of another role's session only the pid is shown; that it holds the lock of a build is shown to everybody. */
const holds = (pid: string, relation: string) =>
  `exists (select from pg_locks l where l.pid = ${pid} and l.locktype = 'relation' and l.relation = ${relation}
             and l.mode = 'ShareUpdateExclusiveLock' and l.granted
             and l.database = (select oid from pg_database where datname = current_database()))`;

const STATE = `
  select format('%I.%I', n.nspname, c.relname) as name, i.indisvalid as valid,
         (select p.pid from pg_stat_progress_create_index p
           where p.datname = current_database() and p.pid <> pg_backend_pid()
             and (p.index_relid = c.oid or (p.relid is null and ${holds('p.pid', 't.oid')})) limit 1) as builder
    from pg_class t
    join pg_class c on c.relnamespace = t.relnamespace and c.relname = $2 and c.relkind = 'i'
    join pg_index i on i.indexrelid = c.oid and i.indrelid = t.oid
    join pg_namespace n on n.oid = c.relnamespace
   where t.oid = to_regclass($1)`;

/** An index lives in the schema of its table, whatever its statement says. */
export async function indexState(client: pg.Client, table: ObjectName, index: ObjectName): Promise<IndexState> {
  const { rows } = await client.query<{ name: string; valid: boolean; builder: number | null }>(STATE, [
    quoted(table),
    index.name,
  ]);
  const row = rows[0];
  if (!row) return { kind: 'absent' };
  if (row.builder !== null) return { kind: 'building', name: row.name, pid: row.builder };
  return { kind: row.valid ? 'valid' : 'invalid', name: row.name };
}

/** An INVALID index that REINDEX CONCURRENTLY made beside the one it was to replace. */
export interface ReindexDebris {
  /** Qualified and quoted. */
  readonly name: string;
  /** `new`: not finished; `old`: replaced, and not yet dropped. */
  readonly of: 'new' | 'old';
  /** Whoever is still at it; null where nobody is. */
  readonly builder: number | null;
}

// A live one holds its lock on every index that it makes from beginning to end.
const DEBRIS = `
  with named as (select to_regclass($1) as oid),
  tree as (select relid::oid as oid from named, pg_partition_tree(named.oid) union select oid from named),
  tables as (
    select case when $2 = 'index' then i.indrelid else tree.oid end as oid
      from tree left join pg_index i on $2 = 'index' and i.indexrelid = tree.oid
  )
  select format('%I.%I', n.nspname, c.relname) as name,
         case when c.relname ~ '_ccold[0-9]*$' then 'old' else 'new' end as of,
         (select l.pid from pg_locks l
           where l.locktype = 'relation' and l.relation = c.oid and l.granted and l.mode = 'ShareUpdateExclusiveLock'
             and l.database = (select oid from pg_database where datname = current_database())
             and l.pid <> pg_backend_pid() limit 1) as builder
    from pg_index i join pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
    join pg_namespace n on n.oid = c.relnamespace
   where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
     and ($2 = '' or i.indrelid in (select oid from tables)
          or i.indrelid in (select t.reltoastrelid from pg_class t join tables on t.oid = tables.oid))
   order by 1`;

export async function reindexDebris(
  client: pg.Client,
  { of, name }: { readonly of: 'index' | 'table' | null; readonly name: ObjectName | null },
): Promise<readonly ReindexDebris[]> {
  const { rows } = await client.query<ReindexDebris>(DEBRIS, [name === null ? '' : quoted(name), of ?? '']);
  return rows;
}

const GLOBAL = {
  database: 'select from pg_database where datname = $1',
  tablespace: 'select from pg_tablespace where spcname = $1',
  subscription:
    'select from pg_subscription where subname = $1 and subdbid = (select oid from pg_database where datname = current_database())',
} as const;

export async function globalObjectExists(
  client: pg.Client,
  { object, name }: { readonly object: keyof typeof GLOBAL; readonly name: string },
): Promise<boolean> {
  return (await client.query(GLOBAL[object], [name])).rows.length > 0;
}

export async function relationExists(client: pg.Client, name: ObjectName): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    quoted(name),
  ]);
  return rows[0]!.there;
}

/** `attached`; `pending` where DETACH … CONCURRENTLY was cut off between its two transactions; `detached`. */
export async function partitionState(
  client: pg.Client,
  { parent, child }: { readonly parent: ObjectName; readonly child: ObjectName },
): Promise<'attached' | 'pending' | 'detached'> {
  const { rows } = await client.query<{ pending: boolean }>(
    'select inhdetachpending as pending from pg_inherits where inhrelid = to_regclass($1) and inhparent = to_regclass($2)',
    [quoted(child), quoted(parent)],
  );
  if (!rows[0]) return 'detached';
  return rows[0].pending ? 'pending' : 'attached';
}

export function quoted({ schema, name }: ObjectName): string {
  return schema === null ? pg.escapeIdentifier(name) : `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}
