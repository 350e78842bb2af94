/** What the answers of a replica mean: is it one of ours, does it replay, and would its readers be cut or hold replay up. Pure. */
import { formatDuration } from '../../model/duration.ts';
import type { Evidence } from '../../model/outcome.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { describeBackend } from '../../postgres/backend.ts';
import { count, fact } from '../outcome.ts';
import type { MemberAnswer, MemberSeen, ReaderThere } from './ask-member.ts';

export interface MemberLimits {
  readonly maxLagMs: number;
  readonly longQueryMs: number;
  /** Of the primary; null where it does not say. */
  readonly systemIdentifier: string | null;
}

/** More than these are counted, not named. */
const NAMED_READERS = 5;

export function memberEvidence(answer: MemberAnswer, limits: MemberLimits): readonly Evidence[] {
  const name = `asked ${answer.name}`;
  if (answer.kind === 'unreachable') return [fact(name, answer.problem.message, 'answers')];
  const { seen } = answer;
  if (!seen.inRecovery) return [fact(name, `a primary, timeline ${seen.timeline ?? 'not visible'}`, 'a replica')];
  return [
    fact(name, stateWords(seen), `within ${formatDuration(limits.maxLagMs)}`),
    fact(`readers of ${answer.name}`, readersWords(seen), `at most ${formatDuration(limits.longQueryMs)} old`),
    fact(`replay of ${answer.name}`, conflictWords(seen)),
  ];
}

function stateWords({ replayed, behindBytes, pauseState, lastCommitAgoMs }: MemberSeen): string {
  const far = replayed ? 'replayed the marker' : `not replayed: ${count(behindBytes ?? 0, 'byte')} behind`;
  const paused = pauseState === 'not paused' ? '' : `, replay is ${pauseState}`;
  // Old where nothing is written: it says nothing by itself.
  const last = lastCommitAgoMs === null ? '' : `, its last commit was made ${formatDuration(lastCommitAgoMs)} ago`;
  return `${far}${paused}${last}`;
}

function readersWords({ readers, hidden }: MemberSeen): string {
  const more = readers.length - NAMED_READERS;
  const lines = [
    ...readers.slice(0, NAMED_READERS).map(readerWords),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(hidden > 0 ? [`${count(hidden, 'session')} not visible: grant pg_monitor to this role`] : []),
  ];
  return lines.length === 0 ? 'none in a transaction' : lines.join('\n');
}

function readerWords(reader: ReaderThere): string {
  const holds = reader.holds.length === 0 ? '' : ` reads ${reader.holds.join(', ')}`;
  return `${describeBackend(reader)}${holds}`;
}

/** What an ACCESS EXCLUSIVE lock of a migration, or of its undo, does there: it is replayed, and meets the readers. */
function conflictWords({ maxStandbyDelayMs, feedback }: MemberSeen): string {
  const rows = feedback ? 'on' : 'off';
  const setting = `max_standby_streaming_delay, hot_standby_feedback ${rows}`;
  if (maxStandbyDelayMs < 0)
    return `an ACCESS EXCLUSIVE lock waits for readers of its table for as long as they run, and all replay with it (${setting})`;
  if (maxStandbyDelayMs === 0) return `an ACCESS EXCLUSIVE lock cancels readers of its table at once (${setting})`;
  return `an ACCESS EXCLUSIVE lock waits for readers of its table up to ${formatDuration(maxStandbyDelayMs)}, and all replay with it, then cancels them (${setting})`;
}

/** The gravest first. */
export function memberProblem(answer: MemberAnswer, limits: MemberLimits): ProblemInput | undefined {
  const { name } = answer;
  if (answer.kind === 'unreachable') return unreachable(name, answer.problem);
  const { seen } = answer;
  if (seen.hidden > 0) return notVisible(name, seen.hidden);
  return notOurs(name, seen, limits) ?? notReplaying(name, seen, limits) ?? tooLong(name, seen, limits);
}

function unreachable(name: string, { code, message, found }: ProblemInput): ProblemInput {
  return {
    code: 'replica-unreachable',
    message: `the replica ${name} cannot be asked`,
    found: [`${code}: ${message}`, found].filter(Boolean).join('\n'),
    expected: 'a replica that answers at its URL',
    next: 'bring it back, or correct replicas.members in drydock.yaml, and retry this item',
  };
}

function notVisible(name: string, hidden: number): ProblemInput {
  return {
    code: 'replicas-not-visible',
    message: `the sessions on the replica ${name} are not visible to this role`,
    found: `${count(hidden, 'session')} whose columns in pg_stat_activity are null`,
    expected: 'a role with pg_monitor',
    next: 'on the primary: GRANT pg_monitor TO the role of that URL, and retry this item',
  };
}

function notOurs(name: string, { inRecovery, systemIdentifier, timeline }: MemberSeen, limits: MemberLimits) {
  const isOther =
    limits.systemIdentifier !== null && systemIdentifier !== null && limits.systemIdentifier !== systemIdentifier;
  if (inRecovery && !isOther) return undefined;
  const what = isOther ? 'is of another system' : 'is no replica: it was promoted, or never was one';
  return {
    code: 'replica-of-another-system',
    message: `the replica ${name} ${what}`,
    found: `system ${systemIdentifier ?? 'not visible'}, timeline ${timeline ?? 'not visible'}, ${inRecovery ? 'in recovery' : 'a primary'}`,
    expected: `a replica of system ${limits.systemIdentifier ?? 'not visible'}`,
    next: 'correct replicas.members in drydock.yaml, or build the replica anew, and retry this item',
  };
}

function notReplaying(name: string, seen: MemberSeen, { maxLagMs }: MemberLimits): ProblemInput | undefined {
  if (seen.pauseState !== 'not paused') {
    return {
      code: 'replica-paused',
      message: `replay on the replica ${name} is ${seen.pauseState}`,
      found: stateWords(seen),
      expected: 'replay that goes on',
      next: `on ${name}: SELECT pg_wal_replay_resume(); then retry this item`,
    };
  }
  if (seen.replayed) return undefined;
  return {
    code: 'replica-lagging',
    message: `the replica ${name} did not replay what was written within ${formatDuration(maxLagMs)}`,
    found: stateWords(seen),
    expected: `the marker replayed within ${formatDuration(maxLagMs)}`,
    next: `on ${name}: SHOW recovery_min_apply_delay, and look at its disk and its readers; retry this item once it has caught up`,
  };
}

function tooLong(name: string, { readers }: MemberSeen, { longQueryMs }: MemberLimits): ProblemInput | undefined {
  const long = readers.filter(({ ageMs }) => ageMs > longQueryMs);
  if (long.length === 0) return undefined;
  const { pid } = long[0]!;
  return {
    code: 'replica-long-transaction',
    message: `${count(long.length, 'transaction')} on the replica ${name} would be cancelled by replay, or hold it up`,
    found: long.map(readerWords).join('\n'),
    expected: `none older than ${formatDuration(longQueryMs)}`,
    next: `wait until it has ended, or on ${name}: SELECT pg_terminate_backend(${pid}); then retry this item`,
  };
}
