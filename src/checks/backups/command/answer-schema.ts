/** What a command has to print: the shape of docs/checklist/backups.md. Members that are not named here are passed over. */
import { z } from 'zod';

const moment = z.iso
  .datetime({ offset: true, error: 'a moment is ISO 8601 with its offset, such as 2026-01-31T03:04:05Z' })
  .transform((text) => new Date(text));

const backup = z.object({
  kind: z.enum(['logical', 'pitr']),
  finishedAt: moment,
  /** Of `pitr`: the newest moment that could be restored. Default: `finishedAt`. */
  restorableUntil: moment.optional(),
  database: z.string().min(1).optional(),
  systemIdentifier: z
    .string()
    .regex(/^\d+$/, 'a system identifier is digits in a string: it exceeds a number')
    .optional(),
  /** Whether whoever keeps it has read or restored it. */
  verified: z.boolean().optional(),
  /** What it is called where it is kept. */
  reference: z.string().min(1).optional(),
});

export const answerSchema = z.object({ backups: z.array(backup) });

export type ReportedBackup = z.output<typeof backup>;
