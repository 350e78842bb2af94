/** The shape of a sidecar, for reading one: src/model/dump.ts says what its members are. */
import { z } from 'zod';
import type { DumpSidecar } from '../../../model/dump.ts';

export const sidecarSchema: z.ZodType<DumpSidecar> = z.object({
  format: z.literal(1),
  file: z.string(),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  systemIdentifier: z.string().nullable(),
  timeline: z.int().nullable(),
  database: z.object({ name: z.string(), oid: z.string() }),
  serverVersion: z.int(),
  lsn: z.string().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  dumpedBy: z.string(),
  readBy: z.string(),
});
