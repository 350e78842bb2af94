/** What of `pgbackrest info --output=json` is looked at. Other members, and those of later versions, are passed over. */
import { z } from 'zod';

const part = z.object({ id: z.int(), 'repo-key': z.int().default(1) });
const wal = z.string().nullish();

const archive = z.object({ database: part, min: wal, max: wal });

const backup = z.object({
  label: z.string(),
  type: z.string(),
  database: part,
  /** True where pages with a wrong checksum were found. */
  error: z.boolean().nullish(),
  archive: z.object({ start: wal, stop: wal }).nullish(),
  /** Seconds since 1970. */
  timestamp: z.object({ start: z.number(), stop: z.number() }),
});

const stanza = z.object({
  name: z.string(),
  status: z.object({ code: z.int(), message: z.string() }),
  db: z
    .array(z.object({ id: z.int(), 'repo-key': z.int().default(1), 'system-id': z.string(), version: z.string() }))
    .default([]),
  archive: z.array(archive).default([]),
  backup: z.array(backup).default([]),
});

export const infoSchema = z.array(stanza);

export type StanzaInfo = z.output<typeof stanza>;
export type BackupInfo = StanzaInfo['backup'][number];
