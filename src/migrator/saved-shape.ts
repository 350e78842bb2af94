/** What has to be known of tables to save their rows so that they can be put back: their columns, and who refers to whom. */
import type { LostTable } from './lost-tables.ts';
import { rowsOf, type Work } from './work.ts';

export interface SavedShape extends LostTable {
  /** Those that can be written; generated ones are not among them. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly hasSequence: boolean }[];
  /** OIDs of the tables that its foreign keys name. */
  readonly refersTo: readonly string[];
}

const SHAPE = `
  select c.oid::text,
         (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                   'hasSequence', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) is not null)
                   order by a.attnum), '[]')
            from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
         (select coalesce(json_agg(distinct k.confrelid::text), '[]') from pg_constraint k
           where k.conrelid = c.oid and k.contype = 'f') as "refersTo"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.oid = any ($1::oid[])`;

export async function describeTables(work: Work, tables: readonly LostTable[]): Promise<SavedShape[]> {
  const rows = await rowsOf<Pick<SavedShape, 'oid' | 'columns' | 'refersTo'>>(work, SHAPE, [
    tables.map((table) => table.oid),
  ]);
  const shapeOf = new Map(rows.map((row) => [row.oid, row]));
  return tables.map(({ oid, schema, name, relkind, how }) => {
    const { columns, refersTo } = shapeOf.get(oid)!;
    return { oid, schema, name, relkind, how, columns, refersTo };
  });
}

/** A table comes after those it refers to; where they refer to each other in a circle, as they came. */
export function inOrderOfReference(shapes: readonly SavedShape[]): SavedShape[] {
  const ordered: SavedShape[] = [];
  const open = new Set<string>();
  const place = (shape: SavedShape) => {
    if (open.has(shape.oid)) return;
    open.add(shape.oid);
    for (const other of shapes) if (shape.refersTo.includes(other.oid)) place(other);
    ordered.push(shape);
  };
  for (const shape of shapes) place(shape);
  return ordered;
}
