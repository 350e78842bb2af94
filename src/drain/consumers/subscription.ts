/** A subscription of logical replication: disabled for the window, and stopped only when no worker of it is left. */
import type { Consumer } from '../../model/consumer.ts';
import { type Problem, ProblemError } from '../../model/problem.ts';
import type { Session } from '../../postgres/connect.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import type { ConsumerAccess, ConsumerControl, Look } from './control.ts';
import { onDatabaseOf } from './database.ts';

type SubscriptionConsumer = Extract<Consumer, { kind: 'subscription' }>;

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * The workers of its apply, its parallel apply and its table copies; names are unique in a database only. Whoever has the rights of the
 * owner may alter it: the owner, its members, superusers.
 */
const FOUND = `
  select s.subenabled as enabled,
         pg_get_userbyid(s.subowner) as owner,
         pg_has_role(s.subowner, 'usage') as "mayAlter",
         (select count(t.pid)::int from pg_stat_subscription t where t.subid = s.oid) as workers
    from pg_subscription s
    join pg_database d on d.oid = s.subdbid and d.datname = current_database()
   where s.subname = $1`;

const ALL = `
  select s.subname as name
    from pg_subscription s
    join pg_database d on d.oid = s.subdbid and d.datname = current_database()
   order by 1`;

interface Found {
  readonly enabled: boolean;
  readonly owner: string;
  readonly mayAlter: boolean;
  readonly workers: number;
}

export function subscriptionControl(consumer: SubscriptionConsumer, access: ConsumerAccess): ConsumerControl {
  const alter = (change: 'disable' | 'enable') =>
    onDatabaseOf(consumer, access, async (session) => {
      const { owner } = await find(session, consumer);
      const name = session.client.escapeIdentifier(consumer.subscription);
      await session.client.query(`alter subscription ${name} ${change}`).catch((error: unknown) => {
        throw alterProblem(error, { session, consumer, owner });
      });
    });
  return {
    look: () =>
      onDatabaseOf(consumer, access, async (session) => {
        const found = await find(session, consumer);
        const { owner, mayAlter } = found;
        return { ...lookIn(found), ...(mayAlter ? {} : { hindrance: rightsMissing({ session, consumer, owner }) }) };
      }),
    pause: () => alter('disable'),
    resume: () => alter('enable'),
  };
}

function lookIn({ enabled, workers }: Found): Look {
  const said = `${enabled ? 'enabled' : 'disabled'}, ${workers === 0 ? 'no worker' : `${workers} worker${workers === 1 ? '' : 's'}`}`;
  if (enabled) return { kind: workers > 0 ? 'running' : 'neither', said };
  return { kind: workers === 0 ? 'stopped' : 'neither', said };
}

async function find({ client, describe }: Session, { name, subscription }: SubscriptionConsumer): Promise<Found> {
  const { rows } = await client.query<Found>(FOUND, [subscription]);
  if (rows[0]) return rows[0];
  const others = await client.query<{ name: string }>(ALL);
  throw new ProblemError({
    code: 'subscription-missing',
    message: `the subscription ${subscription} of the consumer ${name} is not there`,
    found: `${describe} has ${others.rows.map((row) => row.name).join(', ') || 'no subscription'}`,
    expected: `a subscription ${subscription} in that database`,
    next: `correct the name or the url of the consumer ${name} in drydock.yaml`,
  });
}

interface Refused {
  readonly session: Session;
  readonly consumer: SubscriptionConsumer;
  readonly owner: string;
}

function alterProblem(error: unknown, refused: Refused): ProblemError {
  if (sqlstateOf(error) === INSUFFICIENT_PRIVILEGE)
    return new ProblemError({ ...rightsMissing(refused), sqlstate: INSUFFICIENT_PRIVILEGE }, { cause: error });
  const problem = problemFromPg(error, { doing: `altering the subscription ${refused.consumer.subscription}` });
  return new ProblemError(problem, { cause: error });
}

function rightsMissing({ session, consumer: { subscription, name }, owner }: Refused): Problem {
  return {
    code: 'subscription-rights-missing',
    message: `the subscription ${subscription} may not be altered by this role`,
    found: `${session.describe}; the subscription belongs to ${owner}`,
    expected: `its owner, a member of its owner, or a superuser`,
    next: `give the consumer ${name} a url in drydock.yaml whose role is ${owner}, or make this role a member of ${owner}`,
    retry: 'stop',
  };
}
