/**
 * A signature of the catalog rows of some schemas, many times cheaper than their fingerprint: which transaction wrote each row.
 * Equal signatures prove that nothing was changed. Different ones prove nothing, because a REINDEX or TRUNCATE writes rows too:
 * then fingerprints are compared. What only the text would show, a role or a table of another schema renamed, is not seen.
 */
import { mapPieces, type SqlPiece, unionOf, wholeSql } from '../sql-pieces.ts';

/** What has a lower number was made by initdb: passing it by early makes the joins small. */
const FIRST_OWN = 16_384;

const HAS_TYPES = `exists (select from pg_type where oid >= ${FIRST_OWN} and typtype in ('e', 'd', 'r'))`;

/** Number of the catalog, object, sub-object and writing transaction of every row that defines something. */
const ROWS: readonly SqlPiece[] = [
  'select oid, 0, xmin from owned',
  'select oid, 0, xmin from relations',
  `select a.attrelid, a.attnum, a.xmin from relations r join pg_attribute a on a.attrelid = r.oid where a.attrelid >= ${FIRST_OWN} and a.attnum > 0 and r.relkind <> 'i' and r.relkind <> 'S'`,
  'select d.adrelid, d.adnum, d.xmin from relations r join pg_attrdef d on d.adrelid = r.oid',
  'select k.oid, 0, k.xmin from relations r join pg_constraint k on k.conrelid = r.oid',
  { onlyIf: HAS_TYPES, text: 'select k.oid, 0, k.xmin from types t join pg_constraint k on k.contypid = t.oid' },
  `select i.indexrelid, 0, i.xmin from relations r join pg_index i on i.indexrelid = r.oid where i.indexrelid >= ${FIRST_OWN}`,
  {
    onlyIf: 'exists (select from pg_trigger)',
    text: 'select g.oid, 0, g.xmin from relations r join pg_trigger g on g.tgrelid = r.oid',
  },
  {
    onlyIf: 'exists (select from pg_policy)',
    text: 'select p.oid, 0, p.xmin from relations r join pg_policy p on p.polrelid = r.oid',
  },
  {
    onlyIf: `exists (select from pg_rewrite where ev_class >= ${FIRST_OWN})`,
    text: 'select w.oid, 0, w.xmin from relations r join pg_rewrite w on w.ev_class = r.oid',
  },
  {
    onlyIf: 'exists (select from pg_inherits)',
    text: 'select i.inhrelid, i.inhseqno, i.xmin from relations r join pg_inherits i on i.inhrelid = r.oid',
  },
  {
    onlyIf: 'exists (select from pg_sequence)',
    text: 'select s.seqrelid, 0, s.xmin from relations r join pg_sequence s on s.seqrelid = r.oid',
  },
  // Which column a sequence belongs to is said here only.
  {
    onlyIf: 'exists (select from pg_sequence)',
    text: `select d.objid, d.refobjsubid, d.xmin from relations r join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.oid where r.relkind = 'S'`,
  },
  {
    onlyIf: 'exists (select from pg_publication_rel)',
    text: 'select p.oid, 0, p.xmin from relations r join pg_publication_rel p on p.prrelid = r.oid',
  },
  { onlyIf: 'exists (select from pg_publication)', text: 'select oid, 0, xmin from pg_publication' },
  { onlyIf: HAS_TYPES, text: 'select oid, 0, xmin from types' },
  {
    onlyIf: 'exists (select from pg_enum)',
    text: 'select e.oid, 0, e.xmin from types t join pg_enum e on e.enumtypid = t.oid',
  },
  `select f.oid, 0, f.xmin from owned n join pg_proc f on f.pronamespace = n.oid where f.oid >= ${FIRST_OWN}`,
  {
    onlyIf: 'exists (select from pg_statistic_ext)',
    text: 'select s.oid, 0, s.xmin from owned n join pg_statistic_ext s on s.stxnamespace = n.oid',
  },
  {
    onlyIf: 'exists (select from pg_default_acl)',
    text: 'select d.oid, 0, d.xmin from owned n join pg_default_acl d on d.defaclnamespace = n.oid',
  },
  `select d.objid, d.objsubid, d.xmin from owned n join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
    where d.classid not in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass)`,
  // Comments of all that was made after initdb, in any schema: looking up whose they are would cost more than it saves.
  `select d.objoid, d.objsubid, d.xmin from pg_description d where d.objoid >= ${FIRST_OWN}`,
];

/** An expression of type text, for schemas given as SQL literals. `ledger` is the ledger table as a literal; it does not count. */
export function catalogSignatureSql(schemaLiterals: readonly string[], ledgerLiteral: string): string {
  return wholeSql(catalogSignaturePieces(schemaLiterals, ledgerLiteral));
}

/** The same expression in pieces. */
export function catalogSignaturePieces(schemaLiterals: readonly string[], ledgerLiteral: string): readonly SqlPiece[] {
  const rows = mapPieces(ROWS, (query, index) => query.replace(/^select (\S+, \S+, \S+)/, `select ${index}, $1`));
  return [
    `(with owned as (select oid, xmin from pg_namespace where nspname in (${schemaLiterals.join(', ')})),
ledger as (select to_regclass(${ledgerLiteral})::oid as oid),
relations as (
  select c.oid, c.xmin, c.relkind from owned n join pg_class c on c.relnamespace = n.oid
  where c.oid >= ${FIRST_OWN} and not exists (select from ledger l where l.oid = c.oid)
    and not exists (select from ledger l join pg_index i on i.indrelid = l.oid where i.indexrelid = c.oid)
),
types as (select t.oid, t.xmin from owned n join pg_type t on t.typnamespace = n.oid where t.oid >= ${FIRST_OWN} and t.typtype in ('e', 'd', 'r'))
select count(*) || ':' || coalesce(sum(hash_record_extended(row(part, id, sub, writer), 0)), 0) from (
`,
    ...unionOf(rows),
    `
) as written (part, id, sub, writer))`,
  ];
}
