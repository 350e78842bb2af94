/** `afterRelease:` of a target. */
import { z } from 'zod';
import type { AfterRelease } from '../../model/after-release.ts';
import { durationMs, durationText } from '../fields.ts';

/** A run stays open for its watch. */
const WATCH_AT_MOST_MS = 4 * 3_600_000;
/** What is shorter is seen by no look. */
const LOCK_WAIT_AT_LEAST_MS = 100;

export const afterReleaseSchema = z
  .strictObject({
    watch: durationText
      .refine(
        (text) => durationMs(text) > 0 && durationMs(text) <= WATCH_AT_MOST_MS,
        'a watch is more than 0 and at most 4h',
      )
      .default('5m')
      .meta({ description: 'How long the database is watched once traffic is back. At most 4h.' }),
    lockWait: durationText
      .refine((text) => durationMs(text) >= LOCK_WAIT_AT_LEAST_MS, 'waits for locks are told from 100ms on')
      .default('5s')
      .meta({ description: 'Longer waits for locks are told. At least 100ms.' }),
  })
  .optional()
  .meta({ description: 'What is watched once traffic is back. Left out: nothing is.' });

export function afterReleaseOf(entry: NonNullable<z.output<typeof afterReleaseSchema>>): AfterRelease {
  return { forMs: durationMs(entry.watch), lockWaitMs: durationMs(entry.lockWait) };
}
