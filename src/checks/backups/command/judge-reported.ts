/** Whether one backup that a command reports is young enough and of this database, as far as it says. */
import { formatDuration } from '../../../model/duration.ts';
import { type BackupQuestion, CLOCK_SKEW_MS, nowOf } from '../proof.ts';
import type { ReportedBackup } from './answer-schema.ts';

export interface Unfit {
  readonly code: string;
  /** `of another database`: completes "the newest backup is …". */
  readonly is: string;
  readonly found: string;
  readonly expected: string;
}

/** Undefined where it fits. */
export function judgeReported(question: BackupQuestion, backup: ReportedBackup): Unfit | undefined {
  return (
    otherSystem(question, backup) ??
    otherDatabase(question, backup) ??
    unverified(backup) ??
    ofWrongAge(question, backup)
  );
}

function otherSystem({ database }: BackupQuestion, { systemIdentifier }: ReportedBackup): Unfit | undefined {
  if (systemIdentifier === undefined || database.systemIdentifier === null) return undefined;
  if (systemIdentifier === database.systemIdentifier) return undefined;
  return {
    code: 'backup-of-another-system',
    is: 'of another system',
    found: `system identifier ${systemIdentifier}`,
    expected: `${database.systemIdentifier}, the system of this database`,
  };
}

function otherDatabase({ database }: BackupQuestion, backup: ReportedBackup): Unfit | undefined {
  if (backup.database === undefined || backup.database === database.database) return undefined;
  return {
    code: 'backup-of-another-database',
    is: 'of another database',
    found: `database ${backup.database}`,
    expected: database.database,
  };
}

function unverified({ verified }: ReportedBackup): Unfit | undefined {
  if (verified !== false) return undefined;
  return { code: 'backup-unverified', is: 'not verified', found: 'verified: false', expected: 'verified, or not said' };
}

function ofWrongAge(question: BackupQuestion, { restorableUntil, finishedAt }: ReportedBackup): Unfit | undefined {
  const { maxAgeMs } = question;
  const moment = restorableUntil ?? finishedAt;
  const ageMs = nowOf(question).getTime() - moment.getTime();
  const words = restorableUntil ? 'restorable until' : 'finished';
  if (ageMs < -CLOCK_SKEW_MS) {
    const found = `${words} ${moment.toISOString()}, ${formatDuration(-ageMs)} ahead of this machine`;
    return { code: 'backup-from-the-future', is: 'of a time still to come', found, expected: 'clocks that agree' };
  }
  if (ageMs <= maxAgeMs) return undefined;
  const found = `${words} ${moment.toISOString()}, ${formatDuration(ageMs)} ago`;
  return { code: 'backup-stale', is: 'too old', found, expected: `at most ${formatDuration(maxAgeMs)} ago` };
}
