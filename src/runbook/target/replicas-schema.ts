/** `replicas:` of a target: how many there are, how each is asked, and when a run stands still because of them. */
import { z } from 'zod';
import type { ReplicaPolicy, ReplicaWatch } from '../../model/replica-policy.ts';
import { durationMs, durationText, sentence } from '../fields.ts';
import { secretOf, secretReference } from './secret-schema.ts';

const duration = (description: string) => durationText.meta({ description });

const memberSchema = z.strictObject({
  name: sentence.meta({
    description: 'Its application_name as the primary shows it: that of its primary_conninfo, else its cluster_name.',
  }),
  url: secretReference,
});

const watchSchema = z
  .strictObject({
    holdAbove: duration('The run stands still while a replica is further behind.').default('5s'),
    resumeBelow: duration('It goes on once all are within this; less than holdAbove.').default('1s'),
    giveUpAfter: duration('How long it stands still at the most; then it is undone.').default('30m'),
  })
  .refine(({ holdAbove, resumeBelow }) => durationMs(resumeBelow) < durationMs(holdAbove), {
    path: ['resumeBelow'],
    error: 'has to be less than holdAbove: a run that stood still goes on only well below what stopped it',
  })
  .refine(({ resumeBelow }) => durationMs(resumeBelow) > 0, { path: ['resumeBelow'], error: 'has to be more than 0' });

export const replicasSchema = z
  .strictObject({
    expected: z.int().min(0).meta({ description: 'How many physical replicas there are; more or fewer fail.' }),
    members: z
      .array(memberSchema)
      .min(1)
      .optional()
      .meta({ description: 'Replicas that are asked themselves, beside what the primary says of them.' }),
    longQuery: duration('A transaction on a member that is older fails the check. Default: 5m.').optional(),
    watch: watchSchema
      .optional()
      .meta({ description: 'Looked at before every step of an execution. Default: only the checklist looks.' }),
  })
  .refine(({ members = [] }) => new Set(members.map(({ name }) => name)).size === members.length, {
    path: ['members'],
    error: 'two of these have the same name; give each replica an application_name of its own',
  })
  .default({ expected: 0 });

type Entry = z.output<typeof replicasSchema>;

/** A target that says only `expected` stays what it was before there was more to say: its plans keep their digest. */
export function replicasOf({ expected, members, longQuery, watch }: Entry): ReplicaPolicy {
  return {
    expected,
    ...(members === undefined ? {} : { members: members.map(({ name, url }) => ({ name, url: secretOf(url) })) }),
    ...(longQuery === undefined ? {} : { longQueryMs: durationMs(longQuery) }),
    ...(watch === undefined ? {} : { watch: watchOf(watch) }),
  };
}

function watchOf({ holdAbove, resumeBelow, giveUpAfter }: NonNullable<Entry['watch']>): ReplicaWatch {
  return {
    holdAboveMs: durationMs(holdAbove),
    resumeBelowMs: durationMs(resumeBelow),
    giveUpAfterMs: durationMs(giveUpAfter),
  };
}
