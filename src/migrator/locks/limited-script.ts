/**
 * Keeps the limits of a part over all of its statements: before a statement that needs other limits than those in force, and
 * after one that changed them, ours are said again, in the same text and round trip. A file may tighten a limit, never widen it.
 */
import type { MigratorEvent } from '../../model/migrator-event.ts';
import { type LockPolicy, type PartPolicy, policyFor } from '../lock-policy.ts';
import type { SqlStatement } from '../sql-statement.ts';
import { LIMITS, type Limit, type LimitChange, limitChanges } from './limits-touched.ts';
import { kindsInTransaction, type PartKind } from './part-kind.ts';

export interface LimitedStatements {
  /** As the subject of a sentence. */
  readonly doing: string;
  readonly statements: readonly SqlStatement[];
  /** `fresh`: the session has the limits it was started with; `unknown`: an earlier part of the file may have changed them. */
  readonly session: 'fresh' | 'unknown';
}

export interface KeptLimits {
  readonly policy: PartPolicy;
  /** SQL to be put before the statement with this index; with the count of statements as its key, after all of them. */
  readonly between: ReadonlyMap<number, readonly string[]>;
  /** What the file asked for and did not get. */
  readonly events: readonly MigratorEvent[];
}

/** Milliseconds; undefined: not known, or not asked for. */
type Values = { readonly [limit in Limit]?: number | undefined };

/** No statement of a blocking part waits for less than this share of the lock timeout. */
const LEAST_SHARE = 0.1;

export function keepLimits(all: LockPolicy, { doing, statements, session }: LimitedStatements): KeptLimits {
  const policy = policyFor(all, { kind: 'transaction', statements });
  const kinds = kindsInTransaction(statements);
  const started: Values = { lock_timeout: all.lockTimeoutMs, statement_timeout: 0 };
  const between = new Map<number, readonly string[]>();
  const events: MigratorEvent[] = [];
  let inForce: Values = session === 'fresh' ? started : {};
  let own: Values = {};
  const say = (index: number, needed: Values, further: readonly string[] = []) => {
    const lines = [...settings(inForce, needed), ...further];
    inForce = { ...inForce, ...needed, ...(further.length > 0 ? { lock_timeout: undefined } : {}) };
    if (lines.length > 0) between.set(index, lines);
  };
  statements.forEach((statement, index) => {
    const needed = limitsOf(kinds[index]!, policy, own);
    const others = kinds.slice(0, index).includes('blocking') && kinds[index] === 'blocking';
    say(index, needed, others ? whatIsLeftOf(needed.lock_timeout) : []);
    for (const change of limitChanges(statement)) {
      own = ownAfter(own, change);
      inForce = inForceAfter(inForce, change, started);
      events.push(...eventsOf(change, { doing, line: statement.line, policy }));
    }
  });
  say(statements.length, { lock_timeout: limitsOf('free', policy, own).lock_timeout });
  return { policy, between, events };
}

/** A statement timeout of ours is for rows; what builds or scans takes as long as it takes. */
function limitsOf(kind: PartKind, policy: PartPolicy, own: Values): Record<Limit, number> {
  return {
    lock_timeout: narrower(policy.lockTimeoutMs, own.lock_timeout),
    statement_timeout: narrower(kind === 'data' ? policy.statementTimeoutMs : 0, own.statement_timeout),
  };
}

function settings(inForce: Values, needed: Values): string[] {
  return LIMITS.flatMap((limit) => {
    const valueMs = needed[limit];
    return valueMs === undefined || valueMs === inForce[limit] ? [] : [`set local ${limit} = ${valueMs};`];
  });
}

/**
 * What was locked before is kept from others while we wait for the next table: all waits of one try together are to be no
 * longer than one lock timeout.
 */
function whatIsLeftOf(lockTimeoutMs: number): string[] {
  if (lockTimeoutMs === 0) return [];
  const elapsed = '(extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000)::int';
  const least = Math.max(1, Math.round(lockTimeoutMs * LEAST_SHARE));
  return [
    `select pg_catalog.set_config('lock_timeout', greatest(${least}, ${lockTimeoutMs} - ${elapsed})::text, true);`,
  ];
}

function ownAfter(own: Values, change: LimitChange): Values {
  if (change.kind === 'set') return { ...own, [change.limit]: change.valueMs };
  return change.kind === 'reset' ? { ...own, [change.limit]: undefined } : own;
}

function inForceAfter(inForce: Values, change: LimitChange, started: Values): Values {
  switch (change.kind) {
    case 'set':
      return { ...inForce, [change.limit]: change.valueMs };
    case 'reset':
      return { ...inForce, [change.limit]: started[change.limit] };
    case 'inside':
    case 'perhaps':
      return {};
  }
}

interface Place {
  readonly doing: string;
  readonly line: number;
  readonly policy: PartPolicy;
}

function eventsOf(change: LimitChange, { doing, line, policy }: Place): MigratorEvent[] {
  if (change.kind === 'inside') return [{ kind: 'limit-not-held', doing, line, setting: change.limit }];
  if (change.kind !== 'set') return [];
  const keptMs = change.limit === 'lock_timeout' ? policy.lockTimeoutMs : policy.statementTimeoutMs;
  if (narrower(keptMs, change.valueMs) === change.valueMs) return [];
  return [{ kind: 'limit-kept', doing, line, setting: change.limit, asked: change.asked, keptMs }];
}

/** 0 is no limit at all, the widest. */
function narrower(ours: number, asked: number | undefined): number {
  const limits = [ours, asked ?? 0].filter((valueMs) => valueMs > 0);
  return limits.length === 0 ? 0 : Math.min(...limits);
}
