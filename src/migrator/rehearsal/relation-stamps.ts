/**
 * A stamp per relation, from which transaction wrote each row of the catalog that defines it: where the stamp is the same, so is
 * the definition, and reading that many times over is what makes a rehearsal slow.
 */
import pg from 'pg';
import { commonTables } from '../fingerprint-sql.ts';
import { ledgerName } from '../ledger-table.ts';
import { ALL_SCHEMAS } from './whole-catalog.ts';

/** Relation, object within it and writing transaction; `r` are the relations. */
const ROWS: readonly string[] = [
  'select r.oid, 0::oid, r.xmin from stamped r',
  'select a.attrelid, a.attnum::oid, a.xmin from stamped r join pg_attribute a on a.attrelid = r.oid where a.attnum > 0',
  'select d.adrelid, d.oid, d.xmin from stamped r join pg_attrdef d on d.adrelid = r.oid',
  'select k.conrelid, k.oid, k.xmin from stamped r join pg_constraint k on k.conrelid = r.oid',
  'select i.indexrelid, 0::oid, i.xmin from stamped r join pg_index i on i.indexrelid = r.oid',
  'select g.tgrelid, g.oid, g.xmin from stamped r join pg_trigger g on g.tgrelid = r.oid',
  'select p.polrelid, p.oid, p.xmin from stamped r join pg_policy p on p.polrelid = r.oid',
  'select w.ev_class, w.oid, w.xmin from stamped r join pg_rewrite w on w.ev_class = r.oid',
  'select i.inhrelid, i.inhparent, i.xmin from stamped r join pg_inherits i on i.inhrelid = r.oid',
  'select s.seqrelid, 0::oid, s.xmin from stamped r join pg_sequence s on s.seqrelid = r.oid',
  // Which column a sequence belongs to is said here only.
  `select d.objid, d.refobjid, d.xmin from stamped r join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.oid where r.relkind = 'S'`,
  'select m.prrelid, m.oid, m.xmin from stamped r join pg_publication_rel m on m.prrelid = r.oid',
  'select m.prrelid, p.oid, p.xmin from stamped r join pg_publication_rel m on m.prrelid = r.oid join pg_publication p on p.oid = m.prpubid',
  `select d.objoid, d.objsubid::oid, d.xmin from stamped r join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = r.oid`,
  ...['constraint conrelid', 'trigger tgrelid', 'policy polrelid', 'rewrite ev_class'].map((pair) => {
    const [catalog, relation] = pair.split(' ');
    return `select o.${relation}, o.oid, d.xmin from stamped r join pg_${catalog} o on o.${relation} = r.oid
      join pg_description d on d.classoid = 'pg_${catalog}'::regclass and d.objoid = o.oid`;
  }),
];

export interface RelationStamp {
  /** An oid. */
  readonly relation: string;
  readonly stamp: string;
}

/** One statement; a row for every relation of the database that a fingerprint covers. */
export function relationStampsSql(ledgerSchema: string): string {
  const rows = ROWS.map((query, index) => query.replace(/^select /, `select ${index}, `));
  return `${commonTables(ALL_SCHEMAS, pg.escapeLiteral(ledgerName(ledgerSchema)))},
stamped as (select r.oid, r.relkind, c.xmin from relations r join pg_class c on c.oid = r.oid)
select relation::text, sum(hash_record_extended(row(part, object, writer), 0))::text as stamp from (
${rows.join('\nunion all ')}
) as written (part, relation, object, writer) group by relation`;
}

/** Narrows the relations `c` to those of `$1` and those whose definitions name them. */
export const NAMED_OR_NAMING = ` and c.oid in (
  select unnest($1::oid[]) union
  -- The index of a constraint depends on the constraint only.
  select i.indexrelid from pg_index i where i.indrelid = any ($1::oid[]) union
  select case d.classid when 'pg_class'::regclass then d.objid
    when 'pg_constraint'::regclass then (select k.conrelid from pg_constraint k where k.oid = d.objid)
    when 'pg_rewrite'::regclass then (select w.ev_class from pg_rewrite w where w.oid = d.objid)
    when 'pg_attrdef'::regclass then (select a.adrelid from pg_attrdef a where a.oid = d.objid)
    when 'pg_trigger'::regclass then (select g.tgrelid from pg_trigger g where g.oid = d.objid)
    when 'pg_policy'::regclass then (select p.polrelid from pg_policy p where p.oid = d.objid) end
  from pg_depend d where (d.refclassid = 'pg_class'::regclass and d.refobjid = any ($1::oid[]))
    -- The type of its rows, and the arrays of those.
    or (d.refclassid = 'pg_type'::regclass and d.refobjid in (
      select unnest(array[t.oid, t.typarray]) from pg_type t where t.typrelid = any ($1::oid[]))))`;
