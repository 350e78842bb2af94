/** What has to be known of tables to save their rows so that they can be put back: columns, keys, sequences, who refers to whom. */
import type { CountedLoss } from './lost-rows.ts';
import { rowsOf, type Work } from './work.ts';

export interface SavedColumn {
  readonly name: string;
  readonly type: string;
  /** Of the sequence that it takes its values from, qualified and quoted; null where there is none. */
  readonly sequence: string | null;
  /** `a`: ALWAYS, which no UPDATE may set. */
  readonly identity: '' | 'a' | 'd';
}

export interface ForeignKey {
  readonly name: string;
  /** OID of the table it names. */
  readonly to: string;
  readonly deferrable: boolean;
}

export interface SavedShape extends CountedLoss {
  /** Those that can be written; generated ones are not among them. */
  readonly stored: readonly SavedColumn[];
  /** Columns of its primary key; none where it has none. */
  readonly key: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
}

type Described = Pick<SavedShape, 'oid' | 'stored' | 'key' | 'foreignKeys'>;

const SHAPE = `
  select c.oid::text,
         (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                   'sequence', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname),
                   'identity', a.attidentity) order by a.attnum), '[]')
            from pg_attribute a
           where a.attrelid = c.oid and c.relkind <> 'S' and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as stored,
         (select coalesce(json_agg(a.attname order by place), '[]')
            from pg_index i, unnest(i.indkey) with ordinality as of_key (attnum, place), pg_attribute a
           where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = of_key.attnum) as key,
         (select coalesce(json_agg(json_build_object('name', k.conname, 'to', k.confrelid::text, 'deferrable', k.condeferrable)), '[]')
            from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0) as "foreignKeys"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.oid = any ($1::oid[])`;

export async function describeTables(work: Work, tables: readonly CountedLoss[]): Promise<SavedShape[]> {
  const rows = await rowsOf<Described>(work, SHAPE, [tables.map((table) => table.oid)]);
  const shapeOf = new Map(rows.map((row) => [row.oid, row]));
  return tables.map((table) => ({ ...table, ...shapeOf.get(table.oid)! }));
}

/** A table comes after those it refers to; where they refer to each other in a circle, as they came. */
export function inOrderOfReference(shapes: readonly SavedShape[]): SavedShape[] {
  const ordered: SavedShape[] = [];
  const open = new Set<string>();
  const place = (shape: SavedShape) => {
    if (open.has(shape.oid)) return;
    open.add(shape.oid);
    for (const other of shapes) if (shape.foreignKeys.some(({ to }) => to === other.oid)) place(other);
    ordered.push(shape);
  };
  for (const shape of shapes) place(shape);
  return ordered;
}

/** Foreign keys to a table whose rows come later, in this order: they have to wait. */
export function waitingKeys(
  ordered: readonly SavedShape[],
): { readonly shape: SavedShape; readonly key: ForeignKey }[] {
  return ordered.flatMap((shape, index) => {
    const later = new Set(ordered.slice(index + 1).map(({ oid }) => oid));
    return shape.foreignKeys.filter(({ to }) => later.has(to)).map((key) => ({ shape, key }));
  });
}
