/**
 * The shape of `locks:` of a target: how its migrations wait, and whom they may end. What is left out has the default of the
 * migrator's lock policy, which is not repeated here.
 */
import { z } from 'zod';
import { type BlockerRule, DEFAULT_GRACE_MS } from '../model/blocker-rule.ts';
import type { TargetLocks } from '../model/target.ts';
import { durationMs, durationText } from './fields.ts';

const NAMES = 'a name, or the beginning of one followed by *';

const namePattern = z
  .string()
  .regex(/^[^*]+\*?$/, `${NAMES}: report-*; a lone * would be everybody`)
  .meta({ description: `${NAMES}.` });

const duration = (description: string) => durationText.meta({ description });

const blockerRule = z
  .strictObject({
    application: namePattern.optional(),
    user: namePattern.optional(),
    after: duration('How long we have to have waited, and how old its transaction has to be.'),
    action: z.enum(['cancel', 'terminate']).meta({
      description: 'cancel: its statement. terminate: that first, and after the grace its session.',
    }),
    grace: duration('From the cancellation to the end of the session. Default: 5s.').optional(),
  })
  .refine((rule) => rule.application !== undefined || rule.user !== undefined, 'give "application", "user" or both')
  .meta({ anyOf: [{ required: ['application'] }, { required: ['user'] }] });

export const locksSchema = z.strictObject({
  lockTimeout: duration('One try; readers behind us wait no longer. Default: 500ms.').optional(),
  giveUpAfter: duration('All tries of one part together. Default: 2m.').optional(),
  statementTimeout: duration(
    'How long a statement that reads or changes rows may run; 0s: no limit. Default: 15m.',
  ).optional(),
  concurrentWait: duration('How long CONCURRENTLY, VALIDATE, VACUUM and ANALYZE wait. Default: 30m.').optional(),
  migratorWait: duration('How long to wait for another migrator. Default: 5m.').optional(),
  cancelBlockers: z
    .array(blockerRule)
    .optional()
    .meta({ description: 'Sessions that may be cancelled or ended when they are in the way. Default: none.' }),
});

type LocksEntry = z.output<typeof locksSchema>;

export function locksOf(entry: LocksEntry): TargetLocks {
  const { lockTimeout, giveUpAfter, statementTimeout, concurrentWait, migratorWait, cancelBlockers } = entry;
  return {
    ...(lockTimeout === undefined ? {} : { lockTimeoutMs: durationMs(lockTimeout) }),
    ...(giveUpAfter === undefined ? {} : { giveUpAfterMs: durationMs(giveUpAfter) }),
    ...(statementTimeout === undefined ? {} : { statementTimeoutMs: durationMs(statementTimeout) }),
    ...(concurrentWait === undefined ? {} : { concurrentWaitMs: durationMs(concurrentWait) }),
    ...(migratorWait === undefined ? {} : { migratorWaitMs: durationMs(migratorWait) }),
    ...(cancelBlockers === undefined ? {} : { cancelBlockers: cancelBlockers.map(ruleOf) }),
  };
}

function ruleOf({ application, user, after, action, grace }: z.output<typeof blockerRule>): BlockerRule {
  return {
    ...(application === undefined ? {} : { application }),
    ...(user === undefined ? {} : { user }),
    afterMs: durationMs(after),
    action,
    graceMs: grace === undefined ? DEFAULT_GRACE_MS : durationMs(grace),
  };
}
