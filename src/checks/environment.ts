/**
 * Does this worker have what the migrations need, and is the database in a state to take them: a URL from the place the target
 * names, rights, the tables of others, room, consumers that can be paused, and nobody and nothing that would hold the migrations
 * up for longer than they wait? All that is wrong is said at once; what cannot be judged from here is named as evidence.
 */
import type pg from 'pg';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import { OLDEST_SERVER_VERSION, type Session } from '../postgres/connect.ts';
import { consumerFinding } from './consumers/can-be-paused.ts';
import type { Check, CheckContext } from './context.ts';
import { refusal } from './environment-lacks.ts';
import { readServer, versionText } from './identity.ts';
import { count, fact, failed, passed } from './outcome.ts';
import { withSession } from './session.ts';
import { baseBackupLook } from './target/base-backup.ts';
import { diskLook } from './target/disk.ts';
import { eventTriggerLook } from './target/event-triggers.ts';
import { invalidIndexLook, leftoverLooks, readOwnTables } from './target/leftovers.ts';
import { ENVIRONMENT_LIMITS, type EnvironmentLimits } from './target/limits.ts';
import { type Finding, type Look, type LookScope, takeLooks } from './target/look.ts';
import { oneProblem } from './target/one-problem.ts';
import { preparedLook } from './target/prepared.ts';
import { publicationLook, slotLook, subscriptionLook } from './target/replication.ts';
import { ownedLook, ownSchemaLook, roleLook, schemaLook, tableLook } from './target/rights.ts';
import { sessionLook } from './target/sessions.ts';
import { type TableScope, tableScope } from './target/tables-in-question.ts';
import { wraparoundLook } from './target/wraparound.ts';

/** In the order of the evidence. */
const LOOKS: readonly Look[] = [
  roleLook,
  schemaLook,
  ownedLook,
  tableLook,
  ownSchemaLook,
  publicationLook,
  subscriptionLook,
  slotLook,
  eventTriggerLook,
  diskLook,
  sessionLook,
  preparedLook,
  baseBackupLook,
  wraparoundLook,
  invalidIndexLook,
];

export const checkEnvironment: Check<'environment'> = (context) => checkEnvironmentWithin(context, ENVIRONMENT_LIMITS);

/** The same, held against other limits. */
export async function checkEnvironmentWithin(context: CheckContext, limits: EnvironmentLimits): Promise<CheckOutcome> {
  const tables = await tableScope(context);
  return withSession(context, 'environment', (session) => examine(context, session, { ...tables, limits }));
}

async function examine(
  context: CheckContext,
  { client }: Session,
  asked: TableScope & Pick<LookScope, 'limits'>,
): Promise<CheckOutcome> {
  const server = await readServer(client);
  const scope = { ...asked, ...server, ledgerSchema: context.runbook.ledgerSchema };
  const findings = [...(await takeAll(client, scope)), await consumerFinding(context)];
  const evidence = [
    fact('URL from', context.target.urlSource),
    ...describe(scope),
    ...findings.flatMap((finding) => finding.evidence),
  ];
  const lacks = findings.flatMap((finding) => finding.lacks ?? []);
  const problem = oneProblem([
    ...(lacks.length > 0 ? [refusal(lacks)] : []),
    ...findings.flatMap((finding) => finding.problems ?? []),
  ]);
  if (problem !== undefined) return failed(context, problem, evidence);
  const needed = count(scope.alsoTables.length, 'referenced table');
  return passed(context, `role ${server.identity.user} has the rights it needs; ${needed} there`, evidence);
}

/** Which of our own tables there are has to be known before they can be asked. */
async function takeAll(client: pg.Client, scope: LookScope): Promise<readonly Finding[]> {
  const findings = await takeLooks(client, LOOKS, scope);
  const leftovers = leftoverLooks(await readOwnTables(client, scope.ledgerSchema));
  return [...findings, ...(await takeLooks(client, leftovers, scope))];
}

function describe({ identity, inRecovery }: LookScope): readonly Evidence[] {
  const oldest = `${versionText(OLDEST_SERVER_VERSION)} or newer`;
  return [
    fact('server version', versionText(identity.serverVersion), oldest),
    fact('server', inRecovery ? 'a replica' : 'a primary'),
    fact('system identifier', identity.systemIdentifier ?? 'not visible to this role'),
    fact('timeline', identity.timeline ?? 'not visible to this role'),
    fact('database', identity.database),
  ];
}
