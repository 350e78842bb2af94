/**
 * What pgBackRest says, as a provider: a backup without errors of this very system, and the WAL since up to now. Where the role
 * may, a segment is closed and its arrival in the repository awaited. That it can be restored only a restore proves.
 */
import { formatDuration } from '../../../model/duration.ts';
import type { CheckOutcome, Evidence } from '../../../model/outcome.ts';
import { systemClock } from '../../../postgres/clock.ts';
import type { Session } from '../../../postgres/connect.ts';
import { type ArchiverState, archivedAgoMs, forceSegment, hasGivenUp, readArchiver } from '../../archiver-state.ts';
import { fact, failed, passed } from '../../outcome.ts';
import { withSession } from '../../session.ts';
import { checkPointName } from '../../wal-archiving.ts';
import { ARRIVAL_TIMEOUT_MS, tooLongAgo } from '../../wal-problems.ts';
import type { AskProvider, BackupQuestion } from '../proof.ts';
import { backupText, describeStanza } from './pgbackrest-evidence.ts';
import { doubtAbout, noAnswer, notUnderstood, walMissing } from './pgbackrest-problems.ts';
import { type PgBackRestProvider, readInfo } from './read-info.ts';
import { hasSegment, type StanzaState, stateOf } from './stanza-state.ts';

const LOOK_EVERY_MS = 500;

export const askPgBackRest: AskProvider<'pgbackrest'> = async (question, provider) => {
  const { context } = question;
  const state = await look(question, provider);
  if ('outcome' in state) return state.outcome;
  const evidence = describeStanza(question, provider, state);
  const problem = doubtAbout(question, provider, state);
  if (problem !== undefined) return failed(context, problem, evidence);
  return withSession(context, 'pgbackrest', async (session) => {
    const before = await readArchiver(session.client);
    const segment = await forceSegment(session.client, checkPointName(context));
    return segment === null
      ? judgeByCounters(question, provider, { session, state, evidence })
      : judgeByArrival(question, provider, { session, before, segment, state, evidence });
  });
};

async function look(
  { context, database }: BackupQuestion,
  provider: PgBackRestProvider,
): Promise<StanzaState | { readonly outcome: CheckOutcome }> {
  const reading = await readInfo(provider, context.root, context.signal);
  if (reading.kind === 'no-answer') return { outcome: failed(context, noAnswer(provider, reading.end), []) };
  if (reading.kind === 'not-understood') return { outcome: failed(context, notUnderstood(provider, reading.why), []) };
  return stateOf(reading.stanza, database.systemIdentifier);
}

interface Arriving {
  readonly session: Session;
  readonly before: ArchiverState;
  readonly segment: string;
  readonly state: StanzaState;
  readonly evidence: readonly Evidence[];
}

async function judgeByArrival(
  question: BackupQuestion,
  provider: PgBackRestProvider,
  { session, before, segment, state, evidence }: Arriving,
): Promise<CheckOutcome> {
  const { context } = question;
  const clock = context.clock ?? systemClock;
  const startedAt = clock.nowMs();
  let now: StanzaState = state;
  while (!hasSegment(now, segment) && clock.nowMs() - startedAt < ARRIVAL_TIMEOUT_MS) {
    if (hasGivenUp(await readArchiver(session.client), before)) break;
    context.onProgress?.(`waiting for WAL segment ${segment} to be in the repository of ${provider.stanza}`);
    await clock.pause(LOOK_EVERY_MS, context.signal);
    const looked = await look(question, provider);
    if ('outcome' in looked) return looked.outcome;
    now = looked;
  }
  const tookMs = clock.nowMs() - startedAt;
  const arrived = hasSegment(now, segment);
  const all = [
    ...evidence,
    fact('proof', 'a restore point was written and its segment closed'),
    fact(
      `segment ${segment}`,
      `${arrived ? 'in the repository' : 'not in the repository'} after ${formatDuration(tookMs)}`,
      `within ${formatDuration(ARRIVAL_TIMEOUT_MS)}`,
    ),
  ];
  if (!arrived) return failed(context, walMissing(provider, segment, now), all);
  return passed(context, `${backupText(question, provider, now)}; a segment closed now is in the repository`, all);
}

interface Counting {
  readonly session: Session;
  readonly state: StanzaState;
  readonly evidence: readonly Evidence[];
}

/** The role may close no segment: the last one that the server has archived has to be there, and young enough. */
async function judgeByCounters(
  question: BackupQuestion,
  provider: PgBackRestProvider,
  { session, state, evidence }: Counting,
): Promise<CheckOutcome> {
  const { context, maxAgeMs } = question;
  const archiver = await readArchiver(session.client);
  const agoMs = archivedAgoMs(archiver);
  const last = archiver.lastArchivedWal ?? 'none';
  const all = [
    ...evidence,
    fact('proof', "the server's counters only: this role may not write a restore point and close a segment"),
    fact(
      'last archived by the server',
      agoMs === undefined ? 'never' : `${last}, ${formatDuration(agoMs)} ago`,
      `at most ${formatDuration(maxAgeMs)} ago`,
    ),
  ];
  if (agoMs === undefined || agoMs > maxAgeMs) return failed(context, tooLongAgo(agoMs, maxAgeMs), all);
  if (!hasSegment(state, last)) return failed(context, walMissing(provider, last, state), all);
  const summary = `${backupText(question, provider, state)}; WAL of ${formatDuration(agoMs)} ago is in the repository`;
  return passed(context, `${summary} (by the server's counters only)`, all);
}
