/** Asks every replica whose URL the target names, all at once. A URL that is not known here is an answer too. */
import type pg from 'pg';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { DEFAULT_LONG_QUERY_MS, type ReplicaMember } from '../../model/replica-policy.ts';
import type { TargetIdentity } from '../../model/target.ts';
import type { CheckContext } from '../context.ts';
import { tableScope, tablesSql } from '../target/tables-in-question.ts';
import { askMember, type MemberAnswer, type MemberQuestion } from './ask-member.ts';
import type { MemberLimits } from './judge-member.ts';

export interface MembersAsked {
  readonly answers: readonly MemberAnswer[];
  readonly limits: MemberLimits;
}

export interface MarkerToAskFor {
  readonly marker: string;
  readonly maxLagMs: number;
  /** Of the primary. */
  readonly identity: TargetIdentity;
}

/** `client` is a session on the primary. None where the target names no members. Error: `interrupted`. */
export async function askMembers(
  context: CheckContext,
  client: pg.Client,
  { marker, maxLagMs, identity }: MarkerToAskFor,
): Promise<MembersAsked | null> {
  const { members, longQueryMs = DEFAULT_LONG_QUERY_MS } = context.target.replicas;
  if (members === undefined) return null;
  const { systemIdentifier, database } = identity;
  const { rows: tables } = await client.query<{ oid: number; name: string }>(tablesSql(await tableScope(context)));
  const { clock, signal } = context;
  const question = { marker, withinMs: maxLagMs, database, tables, clock, signal };
  const answers = await Promise.all(members.map((member) => ask(context, member, question)));
  return { answers, limits: { maxLagMs, longQueryMs, systemIdentifier } };
}

async function ask(
  context: CheckContext,
  { name, url: ref }: ReplicaMember,
  question: Omit<MemberQuestion, 'name' | 'url'>,
): Promise<MemberAnswer> {
  try {
    if (context.secret === undefined) throw noSecrets();
    return await askMember({ ...question, name, url: await context.secret(ref) });
  } catch (error) {
    if (!isProblemError(error) || error.problem.code === 'interrupted') throw error;
    return { kind: 'unreachable', name, problem: error.problem };
  }
}

function noSecrets(): ProblemError {
  return new ProblemError({
    code: 'secret-missing',
    message: 'secrets are not at hand here',
    expected: 'a caller that follows the references of drydock.yaml',
  });
}
