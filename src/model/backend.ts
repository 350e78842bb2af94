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
  /** What the blocked session wants: `AccessExclusiveLock on core.users`, or `the end of its transaction`. */
  readonly wanted: string | null;
  /** What this one holds there: `AccessShareLock`; null where it is no table's lock, or where it waits for it itself. */
  readonly holds: string | null;
  /** What this one waits for there, ahead of the blocked session; null where it does not. */
  readonly waitsFor: string | null;
  /** The name of a prepared transaction, which has no session any more: its pid is 0. Null for a session. */
  readonly prepared: string | null;
}

/** `pid 4711 (…) holds AccessShareLock, we want AccessExclusiveLock on core.users`. */
export function describeBlocker(blocker: Blocker): string {
  const { holds, waitsFor, wanted } = blocker;
  const has = holds ? ` holds ${holds}` : waitsFor ? ` waits for ${waitsFor} before us` : '';
  const want = wanted ? `, we want ${wanted}` : '';
  return `${whoBlocks(blocker)}${has}${want}`;
}

function whoBlocks(blocker: Blocker): string {
  const { prepared } = blocker;
  return prepared === null ? describeBackend(blocker) : describePrepared({ ...blocker, prepared });
}

/** `prepared transaction 'order 17' (user app, for 12.3 s; end it by COMMIT PREPARED or ROLLBACK PREPARED)`. */
export function describePrepared({
  prepared,
  user,
  ageSeconds,
}: Pick<Blocker, 'user' | 'ageSeconds'> & { readonly prepared: string }): string {
  const name = prepared.replaceAll("'", "''");
  const whose = user === null ? '' : `user ${user}, `;
  return `prepared transaction '${name}' (${whose}for ${ageSeconds} s; end it by COMMIT PREPARED or ROLLBACK PREPARED)`;
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
