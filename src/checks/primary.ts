/**
 * Is the database reachable, itself and not through a pooler, a primary, and does it take writes? A failure to connect is
 * the answer to this question, so it is a value here, where other checks throw it.
 */
import type pg from 'pg';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import { isProblemError, type ProblemInput } from '../model/problem.ts';
import type { TargetIdentity } from '../model/target.ts';
import type { Session } from '../postgres/connect.ts';
import type { Check, CheckContext } from './context.ts';
import { readIdentity, versionText } from './identity.ts';
import { fact, failed, passed } from './outcome.ts';
import { withSession } from './session.ts';
import { DATABASE_IS_REPLICA } from './target/not-a-primary.ts';

interface Role {
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
  readonly startedAt: string;
}

const ROLE = `
  select pg_is_in_recovery() as "inRecovery",
         current_setting('default_transaction_read_only')::boolean as "readOnly",
         to_char(pg_postmaster_start_time() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' as "startedAt"`;

export const checkPrimary: Check<'primary'> = async (context) => {
  try {
    return await withSession({ ...context, writing: 'as-configured' }, 'primary', (session) => look(context, session));
  } catch (error) {
    if (!isProblemError(error) || error.problem.code === 'interrupted') throw error;
    return failed(context, error.problem, []);
  }
};

async function look(context: CheckContext, session: Session): Promise<CheckOutcome> {
  const role = await readRole(session.client);
  const identity = await readIdentity(session.client);
  const evidence = describe(session, role, identity);
  const problem = refusal(role, identity);
  if (problem !== undefined) return failed(context, problem, evidence);
  const version = versionText(identity.serverVersion);
  return passed(context, `${session.describe} is a primary, PostgreSQL ${version}, and takes writes`, evidence);
}

async function readRole(client: pg.Client): Promise<Role> {
  const { rows } = await client.query<Role>(ROLE);
  return rows[0]!;
}

function describe(session: Session, role: Role, identity: TargetIdentity): readonly Evidence[] {
  return [
    fact('server', session.describe),
    fact('connection', 'direct, not through a pooler', 'direct'),
    fact('role', role.inRecovery ? 'replica' : 'primary', 'primary'),
    fact('new transactions', role.readOnly ? 'read-only' : 'read and write', 'read and write'),
    fact('server version', versionText(identity.serverVersion)),
    fact('system identifier', identity.systemIdentifier ?? 'not visible to this role'),
    fact('timeline', identity.timeline ?? 'not visible to this role'),
    fact('server started', role.startedAt),
  ];
}

function refusal(role: Role, { database, user }: TargetIdentity): ProblemInput | undefined {
  if (role.inRecovery) return DATABASE_IS_REPLICA;
  if (!role.readOnly) return undefined;
  return {
    code: 'database-read-only',
    message: 'this database takes no writes',
    found: `default_transaction_read_only is on for role ${user} in database ${database}`,
    expected: 'a database and role that may write',
    next: `if nobody holds it on purpose: ALTER DATABASE "${database}" RESET default_transaction_read_only, or ALTER ROLE "${user}" RESET default_transaction_read_only`,
  };
}
