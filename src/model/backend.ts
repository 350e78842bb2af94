/**
 * Who another session is, in words without what it says: pid, application, user, address, age, state; never its query.
 */

/** Another session of the server, as far as this role may see it. */
export interface BackendInfo {
  readonly pid: number;
  readonly application: string;
  /** Null where the session ended in between or this role may not see it. */
  readonly user: string | null;
  /** Null for a unix socket. */
  readonly address: string | null;
  /** As pg_stat_activity words it: `active`, `idle in transaction`. */
  readonly state: string | null;
  /** Since its transaction began, else since it connected. */
  readonly ageSeconds: number | null;
}

/** `pid 4711 (billing-api, user app, from 10.0.0.5, idle in transaction, for 12.3 s)`. */
export function describeBackend(backend: BackendInfo): string {
  const parts = [
    backend.application || 'no application name',
    backend.user === null ? '' : `user ${backend.user}`,
    backend.address === null ? '' : `from ${backend.address}`,
    backend.state ?? '',
    backend.ageSeconds === null ? '' : `for ${backend.ageSeconds} s`,
  ];
  return `pid ${backend.pid} (${parts.filter(Boolean).join(', ')})`;
}

/** A session that another one waits for. */
export interface Blocker extends BackendInfo {
  /** What the blocked session wants: `AccessExclusiveLock on core.users`; null where it is no table's lock. */
  readonly wanted: string | null;
  /** What this one holds there: `AccessShareLock`; null as above. */
  readonly holds: string | null;
}

/** `pid 4711 (…) holds AccessShareLock, we want AccessExclusiveLock on core.users`. */
export function describeBlocker(blocker: Blocker): string {
  const holds = blocker.holds ? ` holds ${blocker.holds}` : '';
  const wanted = blocker.wanted ? `, we want ${blocker.wanted}` : '';
  return `${describeBackend(blocker)}${holds}${wanted}`;
}

/** A session that holds an advisory lock. */
export interface LockHolder extends BackendInfo {
  /** `ShareLock` or `ExclusiveLock`. */
  readonly mode: string;
  /** It is building an index at this moment. */
  readonly buildsIndex: boolean;
  /** It connected before the session that asks. */
  readonly isOlder: boolean;
}
