/**
 * Are the replicas there that the target expects, does each replay what is written now within the limit, would a COMMIT come
 * back from the synchronous ones, and is nobody on them whom replay would cancel or wait for?
 */

import { formatDuration } from '../model/duration.ts';
import type { CheckOutcome } from '../model/outcome.ts';
import type { TargetIdentity } from '../model/target.ts';
import { systemClock } from '../postgres/clock.ts';
import type { Session } from '../postgres/connect.ts';
import type { Check, CheckContext } from './context.ts';
import { readServer } from './identity.ts';
import { count, failed, passed } from './outcome.ts';
import { memberEvidence, memberProblem } from './replica/judge-member.ts';
import { lagEvidence, lagProblem } from './replica/lag-words.ts';
import { followMarker, type LagSample } from './replica/measure-lag.ts';
import { askMembers, type MembersAsked } from './replica/members.ts';
import { readSynchronous, synchronousEvidence, synchronousProblem } from './replica/synchronous.ts';
import { writeMarker } from './replicas.ts';
import { withSession } from './session.ts';
import { DATABASE_IS_REPLICA } from './target/not-a-primary.ts';
import { oneProblem } from './target/one-problem.ts';

export const checkReplicaLag: Check<'replica-lag'> = (context, { maxLagMs }) =>
  withSession(context, 'replica-lag', (session) => look(context, session, maxLagMs));

async function look(context: CheckContext, { client }: Session, maxLagMs: number): Promise<CheckOutcome> {
  const { expected } = context.target.replicas;
  const { identity, inRecovery } = await readServer(client);
  if (inRecovery) return failed(context, DATABASE_IS_REPLICA, []);
  const synchronous = await readSynchronous(client);
  const { sample, members } = await follow(context, client, { maxLagMs, identity });
  const limits = { expected, maxLagMs };
  const evidence = [
    ...lagEvidence(sample, limits),
    ...synchronousEvidence(synchronous),
    ...(members?.answers ?? []).flatMap((answer) => memberEvidence(answer, members!.limits)),
  ];
  const problems = [
    synchronousProblem(synchronous),
    // What a replica says of itself is nearer to the cause.
    ...(members?.answers ?? []).map((answer) => memberProblem(answer, members!.limits)),
    lagProblem(sample, limits),
  ];
  const problem = oneProblem(problems.flatMap((one) => one ?? []));
  if (problem !== undefined) return failed(context, problem, evidence);
  return passed(context, summary(sample, expected), evidence);
}

/** The primary is asked what it knows of them while they are asked themselves. */
async function follow(
  context: CheckContext,
  client: Session['client'],
  { maxLagMs, identity }: { readonly maxLagMs: number; readonly identity: TargetIdentity },
): Promise<{ sample: LagSample; members: MembersAsked | null }> {
  const { clock = systemClock, signal, onProgress, target } = context;
  const startedAt = clock.nowMs();
  const marker = await writeMarker(client);
  const { expected } = target.replicas;
  const question = { marker, startedAt, expected, withinMs: maxLagMs, clock, signal, onProgress };
  const [sample, members] = await Promise.all([
    followMarker(client, question),
    askMembers(context, client, { marker, maxLagMs, identity }),
  ]);
  return { sample, members };
}

function summary({ tookMs }: LagSample, expected: number): string {
  if (expected === 0) return 'no replicas are expected and none is connected';
  return `${expected} of ${count(expected, 'replica')} replayed the marker within ${formatDuration(tookMs)}`;
}
