/** `afterRelease:` of a target. */
import { z } from 'zod';
import type { AfterRelease } from '../../model/after-release.ts';
import { durationMs, durationText } from '../fields.ts';

export const afterReleaseSchema = z
  .strictObject({
    watch: durationText.default('5m').meta({ description: 'How long the database is watched once traffic is back.' }),
    lockWait: durationText.default('5s').meta({ description: 'Longer waits for locks are told.' }),
  })
  .optional()
  .meta({ description: 'What is watched once traffic is back.' });

export function afterReleaseOf(entry: NonNullable<z.output<typeof afterReleaseSchema>>): AfterRelease {
  return { forMs: durationMs(entry.watch), lockWaitMs: durationMs(entry.lockWait) };
}
