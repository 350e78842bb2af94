/**
 * Marks the moment before the first change in the WAL, by a name that a recovery can be told to stop at. Where the role may not,
 * or the server writes too little WAL for it, the position alone is told: a run never fails because of it.
 */
import type pg from 'pg';
import type { Evidence } from '../../model/outcome.ts';
import { readIdentity } from '../identity.ts';
import { fact } from '../outcome.ts';

export interface RestorePoint {
  readonly name: string;
  readonly lsn: string;
  /** Null where the role may not ask for it. */
  readonly timeline: number | null;
  /** Of the server, ISO 8601 in UTC. */
  readonly at: string;
  /** `written`, or why there is only the position. */
  readonly state: 'written' | 'not permitted' | 'too little WAL';
  readonly role: string;
}

/** PostgreSQL takes no longer name, in bytes. */
const LONGEST_NAME = 63;

/** `drydock <runbook> <run id>`; the runbook is cut where both do not fit, so that the run can always be told. */
export function restorePointName(runbook: string, runId: string): string {
  const room = LONGEST_NAME - 'drydock '.length - ' '.length - runId.length;
  return `drydock ${runbook.slice(0, Math.max(0, room))} ${runId}`.slice(0, LONGEST_NAME);
}

/** The client must not be in a transaction. Errors: the driver's own, and 55000 on a server in recovery. */
export async function writeRestorePoint(client: pg.Client, name: string): Promise<RestorePoint> {
  const { timeline, user } = await readIdentity(client);
  const written = await tryToWrite(client, name);
  const sql = `select ${written.lsn === null ? 'pg_current_wal_insert_lsn()::text' : '$1::text'} as lsn, clock_timestamp() as at`;
  const { rows } = await client.query<{ lsn: string; at: Date }>(sql, written.lsn === null ? [] : [written.lsn]);
  const { lsn, at } = rows[0]!;
  return { name, lsn, timeline, at: at.toISOString(), state: written.state, role: user };
}

async function tryToWrite(
  client: pg.Client,
  name: string,
): Promise<{ readonly lsn: string | null; readonly state: RestorePoint['state'] }> {
  const { rows } = await client.query<{ level: string }>(`select current_setting('wal_level') as level`);
  if (rows[0]!.level === 'minimal') return { lsn: null, state: 'too little WAL' };
  try {
    const made = await client.query<{ lsn: string }>('select pg_create_restore_point($1)::text as lsn', [name]);
    return { lsn: made.rows[0]!.lsn, state: 'written' };
  } catch (error) {
    if ((error as { code?: unknown }).code === '42501') return { lsn: null, state: 'not permitted' };
    throw error;
  }
}

/** The lines of postgresql.conf that would bring a base backup back to it; null where there is no way. */
export function recoverySettings({ state, name, lsn, timeline }: RestorePoint): readonly string[] | null {
  if (state === 'too little WAL') return null;
  const place =
    state === 'written'
      ? [`recovery_target_name = '${name}'`]
      : // Whatever begins at the position or after it came later.
        [`recovery_target_lsn = '${lsn}'`, 'recovery_target_inclusive = off'];
  return [
    ...place,
    ...(timeline === null ? [] : [`recovery_target_timeline = '${timeline}'`]),
    // So that it can be looked at before it is let loose: SELECT pg_wal_replay_resume() then ends the recovery.
    "recovery_target_action = 'pause'",
  ];
}

export function restorePointSummary({ state, name, lsn, timeline }: RestorePoint): string {
  const place = `${lsn}${timeline === null ? '' : ` on timeline ${timeline}`}`;
  return state === 'written' ? `restore point "${name}" at ${place}` : `no restore point; the WAL is at ${place}`;
}

/** `attempt`: of the same run, counted from 1. */
export function restorePointEvidence(point: RestorePoint, attempt: number): readonly Evidence[] {
  const { name, lsn, timeline, at } = point;
  const settings = recoverySettings(point);
  return [
    fact('restore point', stateText(point)),
    ...(point.state === 'written' && attempt > 1 ? [fact('written before', AGAIN)] : []),
    fact('LSN', lsn),
    fact('timeline', timeline ?? 'not known: this role may not ask for it'),
    fact('at', at),
    fact(
      'to come back to it',
      settings === null
        ? `not by WAL: wal_level is minimal, which is not enough to archive it`
        : [
            `a base backup from before ${at}, the WAL since, recovery.signal, and in postgresql.conf:`,
            ...settings,
          ].join('\n'),
    ),
  ];

  function stateText({ state, role }: RestorePoint): string {
    if (state === 'written') return name;
    if (state === 'too little WAL') return 'none: wal_level is minimal';
    return `none: ${role} may not write one; GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${role} allows it`;
  }
}

const AGAIN =
  'perhaps: an earlier try of this step may have written the same name. A recovery stops at the first of that name; nothing was changed between them';
