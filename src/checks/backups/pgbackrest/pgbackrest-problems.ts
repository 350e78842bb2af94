/** The words for what pgBackRest does not have, each with the way out. */
import { formatDuration } from '../../../model/duration.ts';
import type { ProblemInput } from '../../../model/problem.ts';
import { howItEnded } from '../command/command-problems.ts';
import { type BackupQuestion, nowOf } from '../proof.ts';
import type { ProgramEnd } from '../run-program.ts';
import { INFO_TIMEOUT_MS, infoCommand, type PgBackRestProvider } from './read-info.ts';
import type { StanzaState } from './stanza-state.ts';

export function noAnswer(provider: PgBackRestProvider, end: ProgramEnd): ProblemInput {
  return {
    code: 'pgbackrest-failed',
    message: `pgBackRest did not say what it has of the stanza ${provider.stanza}`,
    found: howItEnded(end, INFO_TIMEOUT_MS),
    expected: 'exit code 0, and JSON on standard output',
    next: `run it by hand as the worker's user: ${infoCommand(provider).join(' ')}; then retry this item`,
  };
}

export function notUnderstood(provider: PgBackRestProvider, why: string): ProblemInput {
  return {
    code: 'pgbackrest-not-understood',
    message: 'what pgBackRest printed cannot be read',
    found: why,
    expected: 'the JSON that pgBackRest 2 prints',
    next: `look at what this prints: ${infoCommand(provider).join(' ')}; then retry this item`,
  };
}

/** The first of what is wrong with the stanza and its last backup; the WAL is looked at afterwards. */
export function doubtAbout(
  question: BackupQuestion,
  provider: PgBackRestProvider,
  state: StanzaState,
): ProblemInput | undefined {
  return stanzaDoubt(question, provider, state) ?? backupDoubt(question, provider, state);
}

function stanzaDoubt(
  { database }: BackupQuestion,
  { stanza }: PgBackRestProvider,
  { status, holdsOurs, systems }: StanzaState,
): ProblemInput | undefined {
  if (holdsOurs === false && systems.length > 0) {
    return {
      code: 'pgbackrest-of-another-system',
      message: `the stanza ${stanza} holds backups of another system`,
      found: `system identifier ${systems.join(', ')}`,
      expected: `${database.systemIdentifier}, the system of this database`,
      next: `name the stanza of this server in backups.providers, and retry this item`,
    };
  }
  if (status.code === 0) return undefined;
  return {
    code: 'pgbackrest-status',
    message: `pgBackRest says of the stanza ${stanza}: ${status.message}`,
    found: `status ${status.code}`,
    expected: 'status 0 (ok)',
    next: `pgbackrest --stanza=${stanza} check, and retry this item`,
  };
}

function backupDoubt(
  question: BackupQuestion,
  { stanza, maxBackupAgeMs }: PgBackRestProvider,
  { lastBackup, archiveMin }: StanzaState,
): ProblemInput | undefined {
  const next = `pgbackrest --stanza=${stanza} backup, and retry this item`;
  if (lastBackup === null) {
    return { code: 'pgbackrest-no-backup', message: `the stanza ${stanza} holds no backup of this system`, next };
  }
  const { label, error, timestamp, archive } = lastBackup;
  if (error) {
    return {
      code: 'pgbackrest-backup-damaged',
      message: `the last backup of ${stanza}, ${label}, was taken of damaged pages`,
      found: 'its error flag is set: pages with a wrong checksum',
      expected: 'a backup without errors',
      next: `pgbackrest --stanza=${stanza} --set=${label} info names the files; mend them, take a backup, and retry this item`,
    };
  }
  const ageMs = nowOf(question).getTime() - timestamp.stop * 1000;
  if (ageMs > maxBackupAgeMs) {
    return {
      code: 'pgbackrest-backup-stale',
      message: `the last backup of ${stanza}, ${label}, is too old`,
      found: `finished ${formatDuration(ageMs)} ago`,
      expected: `at most ${formatDuration(maxBackupAgeMs)} ago`,
      next,
    };
  }
  if (archive?.start && (archiveMin === null || archive.start.slice(8) < archiveMin.slice(8))) {
    return {
      code: 'pgbackrest-wal-missing',
      message: `WAL that the last backup of ${stanza}, ${label}, needs is not in the repository`,
      found: `the first segment there is ${archiveMin ?? 'none'}`,
      expected: `${archive.start}, where the backup begins`,
      next,
    };
  }
  return undefined;
}

export function walMissing({ stanza }: PgBackRestProvider, segment: string, { archiveMax }: StanzaState): ProblemInput {
  return {
    code: 'pgbackrest-wal-missing',
    message: `WAL of this server does not reach the repository of ${stanza}`,
    found: `${segment} is not there; the last segment that is: ${archiveMax ?? 'none'}`,
    expected: 'every segment that the server has closed',
    next: `look at archive_command and the server's log, then pgbackrest --stanza=${stanza} check, and retry this item`,
  };
}
