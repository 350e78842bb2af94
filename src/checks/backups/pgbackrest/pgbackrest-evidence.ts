/** What pgBackRest has, as evidence and in a line. */
import { formatDuration } from '../../../model/duration.ts';
import type { Evidence } from '../../../model/outcome.ts';
import { fact } from '../../outcome.ts';
import { type BackupQuestion, nowOf } from '../proof.ts';
import type { PgBackRestProvider } from './read-info.ts';
import type { StanzaState } from './stanza-state.ts';

export function backupText(
  question: BackupQuestion,
  { stanza }: PgBackRestProvider,
  { lastBackup }: StanzaState,
): string {
  const { label, type, timestamp } = lastBackup!;
  const ageMs = nowOf(question).getTime() - timestamp.stop * 1000;
  return `the last backup of ${stanza}, ${label} (${type}), is ${formatDuration(Math.max(0, ageMs))} old`;
}

export function describeStanza(
  question: BackupQuestion,
  provider: PgBackRestProvider,
  state: StanzaState,
): readonly Evidence[] {
  const { status, systems, lastBackup, archiveMin, archiveMax } = state;
  const { systemIdentifier } = question.database;
  const finishedAt = lastBackup === null ? null : new Date(lastBackup.timestamp.stop * 1000);
  const agoMs = finishedAt === null ? 0 : nowOf(question).getTime() - finishedAt.getTime();
  return [
    fact('status', `${status.code} (${status.message})`, '0 (ok)'),
    fact('system', systems.join(', ') || 'none', systemIdentifier ?? 'not known: this role may not ask for it'),
    fact('last backup', lastBackup === null ? 'none' : `${lastBackup.label} (${lastBackup.type})`),
    ...(finishedAt === null
      ? []
      : [
          fact(
            'finished',
            `${finishedAt.toISOString()}, ${formatDuration(Math.max(0, agoMs))} ago`,
            `at most ${formatDuration(provider.maxBackupAgeMs)} ago`,
          ),
          fact('errors in it', lastBackup?.error ? 'pages with a wrong checksum' : 'none', 'none'),
        ]),
    fact('WAL in the repository', archiveMax === null ? 'none' : `${archiveMin} to ${archiveMax}`),
  ];
}
