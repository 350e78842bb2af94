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

const STATE = `
  select format('%I.%I', n.nspname, c.relname) as name, i.indisvalid as valid,
         (select p.pid from pg_stat_progress_create_index p
           where p.index_relid = c.oid and p.datname = current_database() and p.pid <> pg_backend_pid() limit 1) as builder
    from pg_class t
    join pg_class c on c.relnamespace = t.relnamespace and c.relname = $2
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
