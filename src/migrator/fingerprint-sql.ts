/**
 * The catalog of some schemas as rows (kind, id, definition), by one statement: what a fingerprint is made of.
 * Left out on purpose: rows, sequence positions, statistics, OIDs, attribute numbers and physical order, since an undo
 * need not restore those; and the ledger, which says what was done, not what is there.
 */

import { mapPieces, type SqlPiece, unionOf, wholeSql } from './sql-pieces.ts';

const NOT_BUILT_IN = `n.nspname not in ('pg_catalog', 'information_schema')`;

/** Tables of the catalog query; each gives `kind`, `id` and `definition` as text. */
const PARTS: readonly SqlPiece[] = [
  `select 'schema' as kind, quote_ident(n.nspname) as id,
     concat_ws(' ', 'owner', n.nspowner::regrole::text, acl(n.nspacl, 'n', n.nspowner), remark(n.oid, 'pg_namespace')) as definition
   from owned n`,
  `select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'f' then 'foreign table' when 'c' then 'composite type' else 'table' end,
     c.id,
     concat_ws(' ', 'owner', c.relowner::regrole::text, 'persistence', c.relpersistence::text,
       case when c.relrowsecurity then 'row security' end, case when c.relforcerowsecurity then 'forced' end,
       case when c.relreplident <> 'd' then 'replica identity ' || c.relreplident::text end,
       'options ' || nullif(array_to_string(c.reloptions, ','), ''),
       case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
       case when c.relkind = 'p' then 'partition by ' || pg_get_partkeydef(c.oid) end,
       case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end,
       (select 'inherits ' || string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid),
       (select concat_ws(' ', 'as', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement, 'from', s.seqmin, 'to', s.seqmax, 'cache', s.seqcache, case when s.seqcycle then 'cycle' end)
          from pg_sequence s where s.seqrelid = c.oid),
       case when c.relkind = 'S' then (select 'owned by ' || d.refobjid::regclass || '.' || quote_ident(a.attname) from pg_depend d
          join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
         where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')) end,
       acl(c.relacl, case when c.relkind = 'S' then 's' else 'r' end, c.relowner), remark(c.oid, 'pg_class'))
   from relations c where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c')`,
  `select 'column', c.id || '.' || quote_ident(a.attname),
     concat_ws(' ', 'number', row_number() over (partition by c.oid order by a.attnum),
       format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
       case a.attgenerated when 's' then 'generated ' when 'v' then 'generated virtually ' else 'default ' end || pg_get_expr(d.adbin, d.adrelid),
       case when a.attidentity <> '' then 'identity ' || a.attidentity::text end,
       case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::regcollation::text end,
       case when a.attstorage <> t.typstorage then 'storage ' || a.attstorage::text end,
       case when a.attcompression <> '' then 'compression ' || a.attcompression::text end,
       -- Up to PostgreSQL 16 the default is -1, from 17 on null.
       case when a.attstattarget >= 0 then 'statistics ' || a.attstattarget end,
       'options ' || nullif(array_to_string(a.attoptions, ','), ''),
       acl(a.attacl), remark(c.oid, 'pg_class', a.attnum))
   from relations c
   join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   join pg_type t on t.oid = a.atttypid
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')`,
  `select 'constraint', c.id || '.' || quote_ident(k.conname),
     concat_ws(' ', pg_get_constraintdef(k.oid), case when not k.convalidated then 'not validated' end, remark(k.oid, 'pg_constraint'))
   from relations c join pg_constraint k on k.conrelid = c.oid
   left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
   where k.contype <> 't'
     -- From PostgreSQL 18 on NOT NULL is a constraint too; one that is no more than that is said by its column.
     and not (k.contype = 'n' and k.convalidated and not k.connoinherit
       and k.conname = left(c.relname || '_' || a.attname || '_not_null', 63)
       and not exists (select from pg_description m where m.objoid = k.oid and m.classoid = 'pg_constraint'::regclass))`,
  `select 'index', c.id,
     concat_ws(' ', pg_get_indexdef(c.oid), case when not i.indisvalid then 'INVALID' end, case when i.indisreplident then 'replica identity' end,
       case when i.indisclustered then 'clustered' end, remark(c.oid, 'pg_class'))
   from relations c join pg_index i on i.indexrelid = c.oid
   where not exists (select from ledger l where l.oid = i.indrelid)`,
  `select 'trigger', c.id || '.' || quote_ident(g.tgname),
     concat_ws(' ', pg_get_triggerdef(g.oid), 'enabled', g.tgenabled::text, remark(g.oid, 'pg_trigger'))
   from relations c join pg_trigger g on g.tgrelid = c.oid where not g.tgisinternal`,
  // Triggers of constraints have an OID in their names and are said by the constraint, unless somebody switched them off.
  {
    onlyIf: `exists (select from pg_trigger where tgisinternal and tgenabled <> 'O')`,
    text: `select 'trigger', concat_ws(' ', c.id || '.' || quote_ident(k.conname), 'of ' || k.conrelid::regclass, f.proname),
     concat_ws(' ', 'enabled', g.tgenabled::text)
   from relations c join pg_trigger g on g.tgrelid = c.oid join pg_proc f on f.oid = g.tgfoid
   left join pg_constraint k on k.oid = g.tgconstraint
   where g.tgisinternal and g.tgenabled <> 'O'`,
  },
  // Columns and filter came with PostgreSQL 15: read by name from the row, so that 14 can parse this. Membership by schema is among 'other'.
  {
    onlyIf: `exists (select from pg_publication_rel)`,
    text: `select 'publication', c.id || ' in ' || quote_ident(p.pubname),
     (select concat_ws(' ', 'columns ' || (to_jsonb(v) ->> 'attnames'), 'where ' || (to_jsonb(v) ->> 'rowfilter'))
        from pg_publication_tables v where v.pubname = p.pubname and v.tablename = c.relname and v.schemaname = (select n.nspname from owned n where n.oid = c.relnamespace))
   from relations c join pg_publication_rel r on r.prrelid = c.oid join pg_publication p on p.oid = r.prpubid`,
  },
  {
    onlyIf: `exists (select from pg_policy)`,
    text: `select 'policy', c.id || '.' || quote_ident(p.polname),
     concat_ws(' ', case when p.polpermissive then 'permissive' else 'restrictive' end, 'for', p.polcmd::text,
       'to', (select string_agg(case when r = 0 then 'public' else r::regrole::text end, ',' order by r::regrole::text) from unnest(p.polroles) r),
       'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid), remark(p.oid, 'pg_policy'))
   from relations c join pg_policy p on p.polrelid = c.oid`,
  },
  {
    onlyIf: `exists (select from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
      where r.rulename <> '_RETURN' and ${NOT_BUILT_IN})`,
    text: `select 'rule', c.id || '.' || quote_ident(r.rulename), concat_ws(' ', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled::text)
   from relations c join pg_rewrite r on r.ev_class = c.oid where r.rulename <> '_RETURN'`,
  },
  `select 'function', n.id || '.' || quote_ident(f.proname) || '(' || pg_get_function_identity_arguments(f.oid) || ')',
     concat_ws(' ', 'owner', f.proowner::regrole::text,
       case when f.prokind = 'a' then (select concat_ws(' ', 'aggregate', a.aggtransfn::regproc, a.aggfinalfn::regproc, a.aggtranstype::regtype, a.agginitval) from pg_aggregate a where a.aggfnoid = f.oid)
            else pg_get_functiondef(f.oid) end,
       acl(f.proacl, 'f', f.proowner), remark(f.oid, 'pg_proc'))
   from owned n join pg_proc f on f.pronamespace = n.oid`,
  {
    onlyIf: `exists (select from pg_type t join pg_namespace n on n.oid = t.typnamespace
      where t.typtype in ('e', 'd', 'r') and ${NOT_BUILT_IN})`,
    text: `select case t.typtype when 'e' then 'enum' when 'd' then 'domain' else 'type' end, n.id || '.' || quote_ident(t.typname),
     concat_ws(' ', 'owner', t.typowner::regrole::text,
       (select 'labels ' || string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
       case when t.typtype = 'd' then concat_ws(' ', format_type(t.typbasetype, t.typtypmod), case when t.typnotnull then 'not null' end, 'default ' || t.typdefault,
         (select string_agg(quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), '; ' order by k.conname) from pg_constraint k where k.contypid = t.oid)) end,
       (select 'range of ' || r.rngsubtype::regtype::text from pg_range r where r.rngtypid = t.oid),
       acl(t.typacl, 'T', t.typowner), remark(t.oid, 'pg_type'))
   from owned n join pg_type t on t.typnamespace = n.oid
   where t.typtype in ('e', 'd', 'r')`,
  },
  {
    onlyIf: `exists (select from pg_statistic_ext)`,
    text: `select 'statistics', n.id || '.' || quote_ident(s.stxname), concat_ws(' ', pg_get_statisticsobjdef(s.oid), remark(s.oid, 'pg_statistic_ext'))
   from owned n join pg_statistic_ext s on s.stxnamespace = n.oid`,
  },
  `select 'other', pg_describe_object(d.classid, d.objid, d.objsubid), ''
   from owned n join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
   where d.classid not in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass,
     'pg_statistic_ext'::regclass, 'pg_default_acl'::regclass)`,
  {
    onlyIf: `exists (select from pg_default_acl)`,
    text: `select 'default privileges', n.id || ' ' || d.defaclrole::regrole::text || ' ' || d.defaclobjtype::text, acl(d.defaclacl)
   from owned n join pg_default_acl d on d.defaclnamespace = n.oid`,
  },
];

/**
 * Sorted, so that the order in which rights were granted does not count. Without an entry the rights are those that every new
 * object of this type has; they are written out, so that granting and taking back leaves no trace.
 */
function sortedAcl(acl: string, type: string | undefined, owner: string | undefined): string {
  const rights = type && owner ? `coalesce(${acl}, acldefault((${type})::"char", ${owner}))` : acl;
  return `(select 'grants ' || string_agg(item::text, ',' order by item::text) from unnest(${rights}) as item)`;
}

/** What obj_description and col_description say, ten times quicker: they are functions in SQL, begun anew for every row. */
function commentOn(object: string, catalog: string, column: string): string {
  return `(select m.description from pg_description m where m.objoid = ${object} and m.classoid = ${catalog}::regclass and m.objsubid = ${column})`;
}

/**
 * The whole statement, without parameters, for schemas given as SQL literals. `ledger` is the ledger table as a literal.
 * Rows come sorted by kind and id, in the C collation.
 */
export function fingerprintSql(schemaLiterals: readonly string[], ledgerLiteral: string): string {
  return wholeSql(fingerprintPieces(schemaLiterals, ledgerLiteral));
}

/** The same statement in pieces. */
export function fingerprintPieces(schemaLiterals: readonly string[], ledgerLiteral: string): readonly SqlPiece[] {
  return [
    `${commonTables(schemaLiterals.join(', '), ledgerLiteral)}
select kind, id, coalesce(definition, '') as definition from (
`,
    ...unionOf(mapPieces(PARTS, spelledOut)),
    `
) as objects(kind, id, definition)
order by kind collate "C", id collate "C", definition collate "C"`,
  ];
}

/**
 * The same rows, unsorted, each with the oid of the relation that it is a part of as `relation`; null for functions, types and
 * all else that stands by itself. `schemas` is what stands in the brackets of IN; `which` narrows the relations `c`.
 */
export function catalogRowsSql(schemas: string, ledgerLiteral: string, which: string): string {
  const parts = mapPieces(PARTS, (part) => {
    const relation = part.includes('from relations c') ? 'c.oid' : 'null::oid';
    return spelledOut(part).replace(/^select /, `select ${relation}, `);
  });
  return `${commonTables(schemas, ledgerLiteral, which)}
select relation::text, kind, id, coalesce(definition, '') as definition from (
${wholeSql(unionOf(parts))}
) as objects(relation, kind, id, definition)`;
}

function spelledOut(part: string): string {
  return part
    .replace(/\bacl\(([\w.]+)(?:, ([^,()]+), ([\w.]+))?\)/g, (_, acl: string, type?: string, owner?: string) =>
      sortedAcl(acl, type, owner),
    )
    .replace(
      /\bremark\(([\w.]+), ('\w+')(?:, ([\w.]+))?\)/g,
      (_, object: string, catalog: string, column = '0') =>
        `'comment ' || quote_literal(${commentOn(object, catalog, column)})`,
    );
}

/** The schemas, the ledger and the relations `c` in them; all but the ledger's own. */
export function commonTables(schemas: string, ledgerLiteral: string, which = ''): string {
  return `with owned as (select n.*, quote_ident(n.nspname) as id from pg_namespace n where n.nspname in (${schemas})),
ledger as (select to_regclass(${ledgerLiteral})::oid as oid),
relations as (
  select c.*, o.id || '.' || quote_ident(c.relname) as id from pg_class c join owned o on o.oid = c.relnamespace
  where not exists (select from ledger l where l.oid = c.oid)
    and not exists (select from ledger l join pg_index i on i.indrelid = l.oid where i.indexrelid = c.oid)${which}
)`;
}
