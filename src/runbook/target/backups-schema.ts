/** `backups:` of a target. */
import { z } from 'zod';
import type { BackupPolicy, BackupProvider } from '../../model/backups.ts';
import { durationMs, durationText, sentence, slug } from '../fields.ts';

const PATTERNS = 'Dump archives: paths below the checkout or absolute; * and ? within a name, ** for any depth.';

const provider = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('archives'), paths: z.array(sentence).min(1).meta({ description: PATTERNS }) })
    .meta({ description: 'Dumps by pg_dump, read to their end. Proves a logical backup.' }),
  z
    .strictObject({ kind: z.literal('wal-archiving') })
    .meta({ description: "The server's own archiver. Proves WAL archiving, for a point in time." }),
  z
    .strictObject({
      kind: z.literal('pgbackrest'),
      stanza: sentence,
      program: sentence.default('pgbackrest'),
      arguments: z.array(sentence).default([]).meta({ description: 'Before "info": --config=/etc/pgbackrest.conf' }),
      maxBackupAge: durationText
        .default('7d')
        .meta({ description: 'How long ago the last backup may have finished; its WAL has to be fresh anyhow.' }),
    })
    .meta({ description: 'What pgBackRest says of a stanza. Proves a backup to a point in time.' }),
  z
    .strictObject({
      kind: z.literal('command'),
      name: slug,
      proves: z.enum(['logical', 'pitr']),
      run: z.array(sentence).min(1).meta({ description: 'Program and arguments; there is no shell.' }),
      timeout: durationText.default('1m'),
    })
    .meta({ description: 'A program that prints which backups there are as JSON (docs/checklist/backups.md).' }),
]);

export const backupsSchema = z
  .strictObject({
    archives: z.array(sentence).default([]).meta({ description: PATTERNS }),
    providers: z
      .array(provider)
      .min(1)
      .optional()
      .meta({ description: 'What proves backups. Default: dumps by "archives", a point in time by the archiver.' }),
    dumpDirectory: sentence.optional().meta({
      description: 'Where "backup" writes its dumps; they are found there without being named in "archives".',
    }),
  })
  .default({ archives: [] });

/** Members that are not given are left out: a recorded plan of such a target keeps its digest. */
export function backupsOf(entry: z.output<typeof backupsSchema>): BackupPolicy {
  const { archives, providers, dumpDirectory } = entry;
  return {
    archives,
    ...(providers === undefined ? {} : { providers: providers.map(providerOf) }),
    ...(dumpDirectory === undefined ? {} : { dumpDirectory }),
  };
}

function providerOf(entry: z.output<typeof provider>): BackupProvider {
  if (entry.kind === 'pgbackrest') {
    const { maxBackupAge, ...rest } = entry;
    return { ...rest, maxBackupAgeMs: durationMs(maxBackupAge) };
  }
  if (entry.kind !== 'command') return entry;
  const { timeout, ...rest } = entry;
  return { ...rest, timeoutMs: durationMs(timeout) };
}
