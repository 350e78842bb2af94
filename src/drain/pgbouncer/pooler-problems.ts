/** Why a pooler cannot be held, or is not held any more, in words. */
import type { Pooler } from '../../model/drain.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Problem, ProblemInput } from '../../model/problem.ts';
import type { PoolerFacts, PoolerServer } from './pooler-facts.ts';

type Named = Pick<Pooler, 'name' | 'database'>;

/** What stands against pausing it at all, looked at before anything is touched; undefined where nothing does. `isOurs`: noted by us. */
export function unholdable(pooler: Named, facts: PoolerFacts, isOurs: 'ours' | 'not-ours'): ProblemInput | undefined {
  const { database } = facts;
  if (!database) return unknownDatabase(pooler, facts);
  if (database.isPaused && isOurs === 'not-ours') return pausedByOther(pooler);
  return sessionMode(pooler, facts) ?? sharedPort(pooler, facts);
}

function unknownDatabase({ name, database }: Named, { databases }: PoolerFacts): ProblemInput {
  return {
    code: 'pooler-database-unknown',
    message: `the pooler ${name} has no database ${database}`,
    found: `it lists ${databases.join(', ') || 'none'}`,
    expected: `${database} by its own name under [databases]: one that only "*" stands for comes and goes`,
    next: `correct "database" of ${name} in drydock.yaml, or name ${database} in the configuration of the pooler`,
  };
}

function pausedByOther({ name, database }: Named): ProblemInput {
  return {
    code: 'pooler-paused-by-other',
    message: `${database} is already paused at the pooler ${name}, and not by Drydock`,
    expected: 'a pooler that is not paused: to resume it afterwards would undo what somebody else did',
    next: `find out who paused it; on the console of ${name}: RESUME ${database}`,
  };
}

function sessionMode({ name, database }: Named, { database: own, pools }: PoolerFacts): ProblemInput | undefined {
  const users = pools.filter(({ mode }) => mode === 'session').map(({ user }) => user);
  if (users.length === 0 && (pools.length > 0 || own?.poolMode !== 'session')) return undefined;
  return {
    code: 'pooler-session-mode',
    message: `the pooler ${name} pools ${database} by session, and PAUSE would wait for every client to leave`,
    found: users.length > 0 ? `pool_mode session for the user ${users.join(', ')}` : 'pool_mode session',
    expected: 'pool_mode transaction or statement',
    next: `set pool_mode=transaction for ${database} at ${name}, or use drain: { kind: read-only }`,
  };
}

function sharedPort({ name }: Named, { settings }: PoolerFacts): ProblemInput | undefined {
  if (settings.get('so_reuseport') !== '1') return undefined;
  return {
    code: 'pooler-shared-port',
    message: `the pooler ${name} may share its port with others: a command reaches any one of them`,
    found: 'so_reuseport = 1',
    expected: 'one process behind each console that drydock.yaml names',
    next: `give each process a port or socket of its own for its console, with so_reuseport = 0, and name each as a pooler`,
  };
}

/** `who`: one line for each that is still in a transaction. */
export function pauseTimeout(
  { name, database }: Named,
  { limitMs, who }: { readonly limitMs: number; readonly who: readonly string[] },
): Problem {
  return {
    code: 'pooler-pause-timeout',
    message: `${database} could not be paused at the pooler ${name} within ${formatDuration(limitMs)}; it was resumed`,
    found: who.join('\n') || 'nobody was seen in a transaction any more',
    expected: 'every transaction at its end by then',
    next: 'end these transactions or what they belong to, or give pauseTimeout more time, and retry',
    retry: 'stop',
  };
}

/** It was held, and is not: restarted, or resumed by somebody. */
export function notPaused({ name, database }: Named): Problem {
  return {
    code: 'pooler-not-paused',
    message: `the pooler ${name} lets traffic to ${database} through again`,
    found: 'paused = 0: it was restarted, or somebody resumed it',
    expected: 'paused = 1',
    next: 'find out what happened to the pooler; the hold is not taken again by itself, because others worked meanwhile',
    retry: 'stop',
  };
}

export function serversLeft({ name, database }: Named, servers: readonly PoolerServer[]): Problem {
  return {
    code: 'pooler-not-drained',
    message: `the pooler ${name} still has connections to ${database}`,
    found: servers.map(describeServer).join('\n'),
    expected: 'none while it is paused',
    next: 'wait for them to end, or end them',
    retry: 'retry',
  };
}

/** `pid 4711, user app, application billing from 10.0.0.7:4711, active`. */
export function describeServer({ pid, user, client, state }: PoolerServer): string {
  const application = client ? `, application ${client.application || 'without a name'} from ${client.address}` : '';
  return `pid ${pid ?? 'not known yet'}, user ${user}${application}, ${state}`;
}
