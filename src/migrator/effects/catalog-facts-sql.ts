/**
 * The one question to the target: what is there of the tables that statements name, and of those that they reach through
 * partitions, foreign keys and views. It reads catalogs only and waits for nobody.
 */

/**
 * Parameters: $1 relations as JSON [{schema, name}], $2 schemas to look up names without one beside the search path, $3 schemas
 * of which every table is asked for, $4 how many foreign keys are followed, $5 function names, $6 types as JSON [{schema, name}].
 * One row, one column `facts`.
 */
export const CATALOG_FACTS_SQL = `
with recursive
asked as (select * from jsonb_to_recordset($1::jsonb) as one (schema text, name text)),
asked_types as (select * from jsonb_to_recordset($6::jsonb) as one (schema text, name text)),
searched as (select unnest(current_schemas(false) || $2::text[] || array['public']::name[]::text[]) as schema),
view_uses as materialized (
  select distinct r.ev_class as view, d.refobjid as relation
    from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_depend d on d.objid = r.oid
   where c.relkind in ('v', 'm') and d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
     and d.refobjid <> r.ev_class),
found_types as (
  select t.oid, n.nspname, t.typname, t.typtype, t.typbasetype, t.typtypmod, t.typnotnull
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where t.typtype in ('d', 'e')
     and exists (select from asked_types a where a.name = t.typname
                    and (a.schema = n.nspname or (a.schema is null and n.nspname in (select schema from searched))))),
edges as materialized (
  select inhrelid as one, inhparent as other, 'family' as kind from pg_inherits
  union all select inhparent, inhrelid, 'family' from pg_inherits
  union all select conrelid, confrelid, 'referenced' from pg_constraint where contype = 'f'
  union all select confrelid, conrelid, 'referring' from pg_constraint where contype = 'f'
  union all select view, relation, 'below' from view_uses
  union all select relation, view, 'above' from view_uses),
reached (oid, hops) as (
  select coalesce(i.indrelid, c.oid), 0
    from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'i', 'I')
     and (n.nspname = any ($3::text[])
          or exists (select from asked a where a.name = c.relname
                        and (a.schema = n.nspname or (a.schema is null and n.nspname in (select schema from searched))))
          or exists (select from pg_statistic_ext s join asked a on a.name = s.stxname where s.stxrelid = c.oid)
          or exists (select from pg_attribute a join found_types t on t.oid = a.atttypid
                      where a.attrelid = c.oid and t.typtype = 'd' and not a.attisdropped))
  union
  -- What a table refers to, and what a view reads, is of interest for those that are named, not for those reached from them.
  select e.other, case e.kind when 'above' then 1000 when 'referenced' then 100 when 'referring' then r.hops + 1 else r.hops end
    from reached r join edges e on e.one = r.oid
   where case e.kind
           when 'family' then true
           when 'below' then r.hops = 0
           when 'above' then r.hops in (0, 1000)
           when 'referenced' then r.hops = 0
           else r.hops < $4::int end),
tables as (
  select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.oid in (select oid from reached) and c.relkind in ('r', 'p', 'v', 'm', 'f')
     and n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
select jsonb_build_object(
  'searchPath', current_schemas(false),
  'serverVersion', current_setting('server_version_num')::int,
  'tables', (select coalesce(jsonb_agg(jsonb_build_object(
    'oid', c.oid::int8, 'schema', c.nspname, 'name', c.relname, 'kind', c.relkind, 'rows', c.reltuples,
    'bytes', case
      when c.relkind not in ('r', 'm') then 0
      -- Asking for the size would wait behind whoever holds, or waits for, the table whole.
      when exists (select from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation = c.oid)
        then c.relpages::int8 * current_setting('block_size')::int8
      else pg_total_relation_size(c.oid) end,
    'columns', (select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'number', a.attnum,
                    'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull) order by a.attnum), '[]')
                  from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'indexes', (select coalesce(jsonb_agg(jsonb_build_object('name', i.relname, 'unique', x.indisunique, 'valid', x.indisvalid,
                    'columns', (select jsonb_agg(nullif(k.number, 0) order by k.place)
                                  from unnest(x.indkey::int2[]) with ordinality as k (number, place)
                                 where k.place <= x.indnkeyatts)) order by i.relname), '[]')
                  from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid),
    'constraints', (select coalesce(jsonb_agg(jsonb_build_object('name', k.conname, 'kind', k.contype,
                    'definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated,
                    'columns', k.conkey, 'references', nullif(k.confrelid, 0)::int8, 'referenced', k.confkey,
                    'inherited', k.conparentid <> 0, 'onDelete', k.confdeltype, 'onUpdate', k.confupdtype) order by k.conname), '[]')
                  from pg_constraint k
                 where k.conrelid = c.oid and k.contype in ('c', 'p', 'u', 'f', 'x', 'n')
                   and not exists (select from pg_constraint up where up.oid = k.conparentid and up.conrelid = k.conrelid)),
    'parent', (select inhparent::int8 from pg_inherits where inhrelid = c.oid order by inhseqno limit 1),
    'children', (select coalesce(jsonb_agg(inhrelid::int8), '[]') from pg_inherits where inhparent = c.oid),
    'isDefault', coalesce(pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', false),
    'reads', (select coalesce(jsonb_agg(u.relation::int8), '[]') from view_uses u where u.view = c.oid),
    'triggers', (select coalesce(jsonb_agg(t.tgname order by t.tgname), '[]') from pg_trigger t
                  where t.tgrelid = c.oid and not t.tgisinternal),
    'statistics', (select coalesce(jsonb_agg(s.stxname order by s.stxname), '[]') from pg_statistic_ext s where s.stxrelid = c.oid)
    ) order by c.nspname, c.relname), '[]') from tables c),
  'functions', (select coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', p.proname, 'volatility', p.provolatile,
                    'kind', p.prokind)), '[]')
                  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.proname = any ($5::text[])),
  'types', (select coalesce(jsonb_agg(jsonb_build_object('schema', t.nspname, 'name', t.typname, 'kind', t.typtype,
                    'baseType', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
                    'constrained', t.typnotnull
                       or exists (with recursive chain (oid) as (select t.oid union all
                            select b.typbasetype from chain join pg_type b on b.oid = chain.oid where b.typtype = 'd')
                          select from chain join pg_type b on b.oid = chain.oid
                           where b.typnotnull or exists (select from pg_constraint k where k.contypid = b.oid)))), '[]')
              from (select * from found_types union
                    select t.oid, n.nspname, t.typname, t.typtype, t.typbasetype, t.typtypmod, t.typnotnull
                      from pg_type t join pg_namespace n on n.oid = t.typnamespace
                     where t.typtype = 'd' and t.oid in (select a.atttypid from pg_attribute a join tables c on c.oid = a.attrelid)) t)
) as facts`;
