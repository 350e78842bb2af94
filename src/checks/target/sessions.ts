/**
 * The oldest transactions of the database and those that sit idle in one. Who of them holds locks on our tables is the question
 * of the check `quiet`; here it is what CONCURRENTLY would wait for, and what nobody will end by himself.
 */
import { formatDuration } from '../../model/duration.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { BACKEND_COLUMNS, type BackendInfo, describeBackend } from '../../postgres/backend.ts';
import { count, fact } from '../outcome.ts';
import { OWN_APPLICATION } from '../session.ts';
import type { EnvironmentLimits } from './limits.ts';
import { look } from './look.ts';

interface Row extends BackendInfo {
  readonly ageMs: number | null;
  /** Since it last changed its state. */
  readonly stateMs: number | null;
  readonly hidden: boolean;
}

/** More than these are counted, not named. */
const NAMED_SESSIONS = 10;

export const sessionLook = look<Row>({
  name: 'oldest transaction',
  // Of another role's session without pg_monitor only user and database are shown.
  sql: () => `
    select a.pid, ${BACKEND_COLUMNS}, (extract(epoch from clock_timestamp() - a.xact_start) * 1000)::float8 as "ageMs",
           (extract(epoch from clock_timestamp() - a.state_change) * 1000)::float8 as "stateMs",
           a.backend_type is null as hidden
      from pg_stat_activity a
     where a.datname = current_database() and a.usesysid is not null and a.pid <> pg_backend_pid()
       and (a.backend_type is null
            or (a.backend_type = 'client backend' and a.xact_start is not null
                and a.application_name not like '${OWN_APPLICATION}%'))
     order by a.xact_start nulls last, a.pid`,
  judge: (rows, { limits }) => {
    const seen = rows.filter(({ hidden }) => !hidden);
    const idle = seen.filter(isIdle);
    const oldest = seen[0] === undefined ? 'none' : describeBackend(seen[0]);
    return {
      evidence: [
        fact('oldest transaction', oldest, `at most ${formatDuration(limits.oldTransactionMs)}`),
        fact('idle in transaction', named(idle) || 'none', `at most ${formatDuration(limits.idleInTransactionMs)}`),
        ...hiddenEvidence(rows.length - seen.length),
      ],
      problems: [...tooOld(seen, limits), ...tooIdle(idle, limits)],
    };
  },
});

function isIdle({ state }: Row): boolean {
  return state?.startsWith('idle in transaction') ?? false;
}

function named(rows: readonly Row[]): string {
  const more = rows.length > NAMED_SESSIONS ? [`and ${rows.length - NAMED_SESSIONS} more`] : [];
  return [...rows.slice(0, NAMED_SESSIONS).map(describeBackend), ...more].join('\n');
}

function hiddenEvidence(hidden: number) {
  if (hidden === 0) return [];
  return [fact('sessions not visible', `${hidden}: grant pg_monitor to this role to see what they do`)];
}

function tooOld(seen: readonly Row[], { oldTransactionMs }: EnvironmentLimits): readonly ProblemInput[] {
  const old = seen.filter((row) => (row.ageMs ?? 0) > oldTransactionMs);
  if (old.length === 0) return [];
  return [
    {
      code: 'old-transaction',
      message: `${count(old.length, 'transaction')} older than ${formatDuration(oldTransactionMs)}`,
      found: named(old),
      expected: 'none: CREATE INDEX CONCURRENTLY waits for every transaction that began before it',
      next: `wait until it has ended, or SELECT pg_terminate_backend(${old[0]!.pid}); then retry this item`,
    },
  ];
}

function tooIdle(
  idle: readonly Row[],
  { idleInTransactionMs, oldTransactionMs }: EnvironmentLimits,
): readonly ProblemInput[] {
  const long = idle.filter((row) => (row.stateMs ?? 0) > idleInTransactionMs && (row.ageMs ?? 0) <= oldTransactionMs);
  if (long.length === 0) return [];
  return [
    {
      code: 'idle-in-transaction',
      message: `${count(long.length, 'session')} idle in a transaction for more than ${formatDuration(idleInTransactionMs)}`,
      found: named(long),
      expected: 'none: its locks and its snapshot stay until somebody ends it',
      next: `SELECT pg_terminate_backend(${long[0]!.pid}), or mend what forgot it; then retry this item`,
    },
  ];
}
