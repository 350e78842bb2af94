/**
 * Asks a replica itself: is it one, of which system, does it replay, has it come past the marker, and who reads there for how
 * long. What that means is judged elsewhere.
 */
import type pg from 'pg';
import { isProblemError, type Problem } from '../../model/problem.ts';
import { BACKEND_COLUMNS, type BackendInfo } from '../../postgres/backend.ts';
import { type Clock, systemClock } from '../../postgres/clock.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import { readServer } from '../identity.ts';
import { OWN_APPLICATION, withSession } from '../session.ts';

export interface MemberQuestion {
  readonly name: string;
  /** A secret. */
  readonly url: string;
  /** The WAL position that it has to have replayed. */
  readonly marker: string;
  /** So long it is waited for. */
  readonly withinMs: number;
  /** The primary's database: sessions of others are not looked at. */
  readonly database: string;
  /** The tables whose readers a lock would meet; a replica has the same oids as its primary. */
  readonly tables: readonly { readonly oid: number; readonly name: string }[];
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReaderThere extends BackendInfo {
  readonly ageMs: number;
  /** The tables in question that it holds locks on, `schema.name`. */
  readonly holds: readonly string[];
}

export interface MemberSeen {
  readonly inRecovery: boolean;
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  /** Null where it is no replica. */
  readonly replayed: boolean | null;
  readonly behindBytes: number | null;
  /** `not paused`, `pause requested`, `paused`; null where it is no replica. */
  readonly pauseState: string | null;
  /** Since the last commit that it replayed was made; large where nothing was written. Null where it replayed none. */
  readonly lastCommitAgoMs: number | null;
  readonly feedback: boolean;
  /** How long replay waits for readers in its way before it cancels them; -1: for as long as they run. */
  readonly maxStandbyDelayMs: number;
  /** Sessions in the database that are in a transaction, the oldest first. */
  readonly readers: readonly ReaderThere[];
  /** Sessions in the database that this role may not see into. */
  readonly hidden: number;
}

export type MemberAnswer =
  | { readonly kind: 'seen'; readonly name: string; readonly seen: MemberSeen }
  | { readonly kind: 'unreachable'; readonly name: string; readonly problem: Problem };

const LOOK_EVERY_MS = 50;

/** Not being able to ask is an answer too. Error: `interrupted`. */
export async function askMember(question: MemberQuestion): Promise<MemberAnswer> {
  const { name, url, signal } = question;
  try {
    const context = { url, ...(signal ? { signal } : {}) };
    const seen = await withSession(context, 'replica-lag', ({ client }) => lookAt(client, question));
    return { kind: 'seen', name, seen };
  } catch (error) {
    if (isProblemError(error) && error.problem.code === 'interrupted') throw error;
    return { kind: 'unreachable', name, problem: problemFromPg(error, { doing: `asking the replica ${name}` }) };
  }
}

async function lookAt(client: pg.Client, question: MemberQuestion): Promise<MemberSeen> {
  const { marker, withinMs, clock = systemClock, signal } = question;
  const { identity, inRecovery } = await readServer(client);
  const startedAt = clock.nowMs();
  let state = await readState(client, marker);
  while (state.replayed === false && state.pauseState === 'not paused' && clock.nowMs() - startedAt < withinMs) {
    await clock.pause(LOOK_EVERY_MS, signal);
    state = await readState(client, marker);
  }
  const { systemIdentifier, timeline } = identity;
  return { ...state, inRecovery, systemIdentifier, timeline, ...(await readReaders(client, question)) };
}

type State = Omit<MemberSeen, 'inRecovery' | 'systemIdentifier' | 'timeline' | 'readers' | 'hidden'>;

const STATE = `
  select case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) end as replayed,
         greatest(pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn()), 0)::float8 as "behindBytes",
         case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() end as "pauseState",
         greatest(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000, 0)::float8
           as "lastCommitAgoMs",
         current_setting('hot_standby_feedback')::boolean as feedback,
         (select setting::float8 from pg_settings where name = 'max_standby_streaming_delay') as "maxStandbyDelayMs"`;

async function readState(client: pg.Client, marker: string): Promise<State> {
  const { rows } = await client.query<State>(STATE, [marker]);
  return rows[0]!;
}

// The column backend_type is null where this role may not see into a session; the user and the database are always shown.
const READERS = `
  select a.pid, ${BACKEND_COLUMNS}, (extract(epoch from clock_timestamp() - a.xact_start) * 1000)::float8 as "ageMs",
         array(select distinct l.relation::bigint::float8 from pg_locks l
                where l.pid = a.pid and l.locktype = 'relation' and l.relation = any ($2::oid[])
                  and l.database = a.datid) as oids,
         a.backend_type is null as hidden
    from pg_stat_activity a
   where a.datname = $1 and a.usesysid is not null and a.pid <> pg_backend_pid()
     and (a.backend_type is null
          or (a.backend_type = 'client backend' and a.xact_start is not null and a.application_name not like $3))
   order by a.xact_start nulls last, a.pid`;

type ReaderRow = Omit<ReaderThere, 'holds'> & { readonly oids: readonly number[]; readonly hidden: boolean };

async function readReaders(
  client: pg.Client,
  { database, tables }: MemberQuestion,
): Promise<Pick<MemberSeen, 'readers' | 'hidden'>> {
  const byOid = new Map(tables.map(({ oid, name }) => [oid, name]));
  const { rows } = await client.query<ReaderRow>(READERS, [database, [...byOid.keys()], `${OWN_APPLICATION}%`]);
  const seen = rows.filter(({ hidden }) => !hidden);
  return {
    hidden: rows.length - seen.length,
    readers: seen.map(({ oids, hidden: _, ...reader }) => ({
      ...reader,
      holds: oids.flatMap((oid) => byOid.get(oid) ?? []).sort(),
    })),
  };
}
