/**
 * SQL that measures what a transaction does to relations that were there before it: one statement at its beginning, one at
 * its end, both sent along with it. What was there first waits in a setting of the transaction, so nothing is written.
 */
import pg from 'pg';
import { mergeObserved, NOTHING_OBSERVED, type Observed, strongest } from '../model/observed.ts';
import type { LockMode } from '../model/statement-effects.ts';
import { LEDGER_TABLE } from './ledger-table.ts';
import { type Results, send, type Work } from './work.ts';

/** Whether a migrator measures; it costs two looks at the catalog per transaction. */
export type Observe = 'yes' | 'no';

const SETTING = 'drydock.seen';
const RESULT = 'drydock_observed';

/** The scope of the setting: `transaction` for a script that is one, `session` around a statement that cannot be in any. */
type Scope = 'transaction' | 'session';

/** Number, file and kind of a relation, then its name: arrays of texts are read many times faster than JSON. */
const ENTRY = `pg_catalog.concat_ws(' ', c.oid, c.relfilenode, c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname))`;
const NAME_OF_ENTRY =
  "pg_catalog.substr(e, pg_catalog.length(pg_catalog.split_part(e, ' ', 1)) + pg_catalog.length(pg_catalog.split_part(e, ' ', 2)) + 5)";

/** One statement, ending with a semicolon. It must come after whatever resets the session. */
export function beginObservingSql(scope: Scope = 'transaction'): string {
  return `select pg_catalog.length(pg_catalog.set_config('${SETTING}', coalesce((
  select pg_catalog.array_agg(${ENTRY})
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I') and c.relpersistence <> 't'
     and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'drydock'))::text, '{}'), ${scope === 'transaction'}));`;
}

/**
 * One statement, ending with a semicolon; `observedIn` finds its row. A file that reset all settings has made the beginning
 * forgotten: nothing is known then. An index that was dropped and made again counts as the same one.
 */
export function endObservingSql(ledgerSchema: string): string {
  const ledger = pg.escapeLiteral(LEDGER_TABLE);
  const ours = `pg_catalog.format('%I.%I', ${pg.escapeLiteral(ledgerSchema)}, ${ledger})`;
  const seen = `nullif(pg_catalog.current_setting('${SETTING}', true), '')`;
  return `with seen as materialized (
  select pg_catalog.split_part(e, ' ', 1)::oid as oid, pg_catalog.split_part(e, ' ', 2)::oid as node,
         pg_catalog.split_part(e, ' ', 3) as kind, e
    from pg_catalog.unnest(${seen}::text[]) e
), now as (
  select ${NAME_OF_ENTRY} as name, s.node, coalesce(c.relfilenode, i.relfilenode) as node_now
    from seen s left join pg_catalog.pg_class c on c.oid = s.oid
    left join pg_catalog.pg_class i on c.oid is null and s.kind = 'i' and i.oid = pg_catalog.to_regclass(${NAME_OF_ENTRY})
   where s.kind in ('r', 'm', 'i') and s.node <> 0 and coalesce(c.relfilenode, 0) <> s.node
), locked as (
  select distinct ${NAME_OF_ENTRY} as name, l.mode
    from pg_catalog.pg_locks l join seen s on s.oid = l.relation
   where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and s.kind not in ('i', 'I', 'S')
)
select case when ${seen} is not null then pg_catalog.json_build_object(
  'locks', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('table', name, 'mode', mode) order by name, mode), '[]')
     from locked where name <> ${ours}),
  'rewritten', (select coalesce(pg_catalog.json_agg(name order by name), '[]') from now
     where node <> node_now and name not in (${ours}, ${ours} || '_pkey'))
) end as ${RESULT};`;
}

/** What the statement found; null where it could not tell, or where it was not asked. */
export function observedIn(results: Results | undefined): Observed | null {
  const all = Array.isArray(results) ? results : results ? [results] : [];
  const row = all.find((result) => result.fields?.[0]?.name === RESULT)?.rows[0] as Row | undefined;
  const found = row?.[RESULT];
  if (!found) return null;
  const locks = found.locks.map(({ table, mode }) => ({ table, mode: lockMode(mode) }));
  return { locks: strongest(locks), rewritten: found.rewritten, alone: 0 };
}

interface Row {
  readonly [RESULT]: {
    readonly locks: readonly { readonly table: string; readonly mode: string }[];
    readonly rewritten: readonly string[];
  } | null;
}

/** `AccessExclusiveLock`, as pg_locks names it, in the words of SQL. */
function lockMode(name: string): LockMode {
  return name
    .replace(/Lock$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase() as LockMode;
}

/** Around a statement that no transaction can hold: its locks are gone when it ends, what it wrote anew is not. */
export async function observeAlone(work: Work, run: () => Promise<unknown>): Promise<Observed | null> {
  if (work.observe === 'no') {
    await run();
    return null;
  }
  await send(work, beginObservingSql('session'));
  await run();
  const observed = observedIn(await send(work, endObservingSql(work.ledgerSchema)));
  return observed && { ...observed, locks: [], alone: 1 };
}

/** What several parts did together; each part that could not be measured makes the whole unknown. */
export function observedTogether(parts: readonly (Observed | null)[]): Observed | null {
  return parts.reduce<Observed | null>(mergeObserved, NOTHING_OBSERVED);
}
