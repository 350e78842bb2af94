/**
 * The tables that migrations, or their undo, may lock: those of the owned schemas that are there, what their foreign keys
 * name, and what the files' foreign keys will name. Sizes are estimates of the catalog: asking for true ones takes locks.
 */
import pg from 'pg';
import type { CheckContext } from '../context.ts';
import { readMigrationTables } from '../migration-tables.ts';

export interface TableScope {
  readonly schemas: readonly string[];
  /** `schema.name`, unquoted. */
  readonly alsoTables: readonly string[];
}

export async function tableScope({ runbook, root }: Pick<CheckContext, 'runbook' | 'root'>): Promise<TableScope> {
  const { referenced } = await readMigrationTables(runbook, root);
  return { schemas: runbook.schemas, alsoTables: referenced };
}

/** A query of `oid`, `name` (`schema.name`) and `owned`; takes no lock on the tables. For a CTE. */
export function tablesSql({ schemas, alsoTables }: TableScope): string {
  return `
    select c.oid, n.nspname || '.' || c.relname as name, n.nspname = any (${literals(schemas)}) as owned
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm')
       and (n.nspname = any (${literals(schemas)}) or n.nspname || '.' || c.relname = any (${literals(alsoTables)})
            or c.oid in (select f.confrelid from pg_constraint f join pg_class o on o.oid = f.conrelid
                           join pg_namespace s on s.oid = o.relnamespace
                          where f.contype = 'f' and s.nspname = any (${literals(schemas)})))`;
}

/** A text[] of SQL. */
export function literals(all: readonly string[]): string {
  return `array[${all.map((name) => pg.escapeLiteral(name)).join(', ')}]::text[]`;
}
