/**
 * A program of the operator's own that knows the backups: for wal-g, barman or a cloud. What it prints is believed; it is held
 * against the age, and against the database and the system where it names them.
 */
import { formatDuration } from '../../../model/duration.ts';
import type { CheckOutcome, Evidence } from '../../../model/outcome.ts';
import { count, fact, failed, passed } from '../../outcome.ts';
import { type AskProvider, type BackupQuestion, nowOf } from '../proof.ts';
import { runProgram } from '../run-program.ts';
import type { ReportedBackup } from './answer-schema.ts';
import { type CommandProvider, didNotAnswer, noneOfTheKind, notFitting, notUnderstood } from './command-problems.ts';
import { judgeReported } from './judge-reported.ts';
import { readAnswer } from './read-answer.ts';

export const askCommand: AskProvider<'command'> = async (question, provider) => {
  const { context } = question;
  const [program = '', ...args] = provider.run;
  const { timeoutMs } = provider;
  const ran = fact('command', provider.run.join(' '), `answers within ${formatDuration(timeoutMs)}`);
  const end = await runProgram({ program, args, cwd: context.root, timeoutMs, signal: context.signal });
  if (end.kind !== 'ended' || end.exitCode !== 0) return failed(context, didNotAnswer(provider, end), [ran]);
  const answer = await readAnswer(end.output);
  if (answer.kind === 'invalid') return failed(context, notUnderstood(provider, answer.why), [ran]);
  return judge(question, provider, answer.backups, [ran]);
};

function judge(
  question: BackupQuestion,
  provider: CommandProvider,
  backups: readonly ReportedBackup[],
  evidence: readonly Evidence[],
): CheckOutcome {
  const { context } = question;
  const newestFirst = backups
    .filter(({ kind }) => kind === provider.proves)
    .sort((a, b) => momentOf(b).getTime() - momentOf(a).getTime());
  const counted = [...evidence, fact('reported', count(backups.length, 'backup'))];
  const [newest] = newestFirst;
  if (newest === undefined) return failed(context, noneOfTheKind(provider, backups), counted);
  const fitting = newestFirst.find((one) => judgeReported(question, one) === undefined);
  const shown = fitting ?? newest;
  const all = [...counted, ...describe(question, shown)];
  if (fitting === undefined) return failed(context, notFitting(provider, judgeReported(question, newest)!), all);
  const age = formatDuration(Math.max(0, nowOf(question).getTime() - momentOf(fitting).getTime()));
  return passed(context, `${provider.name} reports ${nameOf(fitting)}, ${age} old`, all);
}

/** What its age is counted from. */
function momentOf({ restorableUntil, finishedAt }: ReportedBackup): Date {
  return restorableUntil ?? finishedAt;
}

function nameOf({ reference, kind }: ReportedBackup): string {
  return reference ?? `a ${kind === 'pitr' ? 'backup to a point in time' : 'logical backup'}`;
}

function describe(question: BackupQuestion, backup: ReportedBackup): readonly Evidence[] {
  const { database, systemIdentifier } = question.database;
  const limit = `at most ${formatDuration(question.maxAgeMs)} ago`;
  const ago = (moment: Date): string => {
    const ageMs = nowOf(question).getTime() - moment.getTime();
    return `${moment.toISOString()}, ${formatDuration(Math.abs(ageMs))} ${ageMs < 0 ? 'ahead' : 'ago'}`;
  };
  const { restorableUntil, finishedAt, verified } = backup;
  return [
    fact('backup', nameOf(backup)),
    fact('finished', ago(finishedAt), restorableUntil ? undefined : limit),
    ...(restorableUntil ? [fact('restorable until', ago(restorableUntil), limit)] : []),
    fact('database', backup.database ?? 'not said', database),
    fact(
      'system',
      backup.systemIdentifier ?? 'not said',
      systemIdentifier ?? 'not known: this role may not ask for it',
    ),
    fact('verified', verified === undefined ? 'not said' : verified ? 'yes, by its word' : 'no', 'not "no"'),
  ];
}
