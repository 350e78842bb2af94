/**
 * Statistics for the planner before the first query comes back: ANALYZE of the tables in the owned schemas that have none, or
 * have changed much since. Traffic waits meanwhile, so it is bounded, waits for no lock and is no reason to fail.
 */
import pg from 'pg';
import { formatDuration } from '../../model/duration.ts';
import type { Evidence } from '../../model/outcome.ts';
import { type Clock, systemClock } from '../../postgres/clock.ts';
import { classifyError, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { CheckContext } from '../context.ts';
import { count, fact } from '../outcome.ts';
import { withSession } from '../session.ts';

export interface Analysed {
  readonly summary: string;
  readonly evidence: readonly Evidence[];
}

/** All tables together; what is left has to wait for autovacuum. */
const ANALYZE_AT_MOST_MS = 60_000;

// The second rule is autovacuum's own: it would come by itself, but only after the first queries.
const TABLES = `
  select n.nspname::text as schema, c.relname::text as name,
         s.last_analyze is null and s.last_autoanalyze is null as "isNew"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
         left join pg_stat_all_tables s on s.relid = c.oid
   where n.nspname = any ($1) and c.relkind in ('r', 'p', 'm')
     and ((s.last_analyze is null and s.last_autoanalyze is null)
          or s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0))
   order by c.relkind = 'p', c.relpages, 1, 2`;

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly isNew: boolean;
}

type AnalyzeContext = Pick<CheckContext, 'url' | 'runbook' | 'signal' | 'clock' | 'onProgress'>;

/** Errors: those of the connection, `interrupted`. */
export function analyzeTables(context: AnalyzeContext, atMostMs = ANALYZE_AT_MOST_MS): Promise<Analysed> {
  return withSession(context, 'analyze', async ({ client }) => {
    const { rows } = await client.query<Table>(TABLES, [context.runbook.schemas]);
    const clock = context.clock ?? systemClock;
    const startedAt = clock.nowMs();
    const skipped: string[] = [];
    let done = 0;
    for (const table of rows) {
      const leftMs = atMostMs - (clock.nowMs() - startedAt);
      context.onProgress?.(`ANALYZE ${nameOf(table)} (${done + skipped.length + 1} of ${rows.length})`);
      const why = await analyze(client, table, { leftMs, clock });
      if (why === undefined) done += 1;
      else skipped.push(`${nameOf(table)}: ${why}`);
    }
    return analysed(rows, { done, skipped, tookMs: clock.nowMs() - startedAt });
  });
}

interface Bound {
  readonly leftMs: number;
  readonly clock: Clock;
}

const LOCK_TRIES = 3;
const BETWEEN_TRIES_MS = 200;

/** Why it was not done; undefined where it was. */
async function analyze(client: pg.Client, table: Table, { leftMs, clock }: Bound): Promise<string | undefined> {
  if (leftMs < 1) return 'the time was over';
  const warnings: string[] = [];
  const onNotice = ({ message }: { readonly message?: string | undefined }): void => void warnings.push(message ?? '');
  client.on('notice', onNotice);
  try {
    await client.query(`set statement_timeout = ${Math.ceil(leftMs)}`);
    for (let tries = 1; ; tries += 1) {
      warnings.length = 0;
      await client.query(
        `analyze (skip_locked) ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`,
      );
      const isLocked = warnings.some((text) => /lock not available/.test(text));
      if (warnings.length === 0) return undefined;
      if (!isLocked) return 'this role may not analyse it';
      if (tries >= LOCK_TRIES) return 'somebody holds a lock on it';
      await clock.pause(BETWEEN_TRIES_MS);
    }
  } catch (error) {
    if (sqlstateOf(error) === '57014') return 'the time was over';
    if (sqlstateOf(error) === '42P01') return 'it is gone';
    if (sqlstateOf(error) === undefined || classifyError(error).retry === 'retry') throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    client.off('notice', onNotice);
  }
}

interface Result {
  readonly done: number;
  readonly skipped: readonly string[];
  readonly tookMs: number;
}

function analysed(tables: readonly Table[], { done, skipped, tookMs }: Result): Analysed {
  const fresh = tables.filter(({ isNew }) => isNew).length;
  const left = skipped.length === 0 ? '' : `, ${skipped.length} left to autovacuum`;
  return {
    summary: tables.length === 0 ? 'every table has statistics already' : `${count(done, 'table')} analysed${left}`,
    evidence: [
      fact('tables without statistics', fresh),
      fact('changed much since their last', tables.length - fresh),
      fact('analysed', done),
      fact('took', formatDuration(tookMs), formatDuration(ANALYZE_AT_MOST_MS)),
      ...(skipped.length > 0 ? [fact('left to autovacuum', skipped.join('\n'))] : []),
    ],
  };
}

function nameOf({ schema, name }: Table): string {
  return `${schema}.${name}`;
}
