/** The shape of `drydock.yaml`: which targets there are. Secrets come by reference; a literal URL is refused with the reason. */
import { z } from 'zod';
import { durationText, placeholderValues, SLUG_PATTERN, sentence, slug, windowDuration } from './fields.ts';
import { locksSchema } from './locks-schema.ts';
import { afterReleaseSchema } from './target/after-release-schema.ts';
import { backupsSchema } from './target/backups-schema.ts';
import { consumersSchema } from './target/consumers-schema.ts';
import { drainSchema } from './target/drain-schema.ts';
import { notifySchema } from './target/notify-schema.ts';
import { replicasSchema } from './target/replicas-schema.ts';
import { environmentName, secretPath } from './target/secret-schema.ts';

const LITERAL_URL =
  'a URL is a secret and does not belong in this file: write { env: NAME } for an environment variable of the worker, ' +
  'or { file: path } for a secret that is mounted as a file';

const urlReference = z
  .strictObject(
    { env: environmentName.optional(), file: secretPath.optional() },
    { error: (issue) => (issue.code === 'invalid_type' && issue.input !== undefined ? LITERAL_URL : undefined) },
  )
  .meta({
    description: 'Where the worker finds the URL; never the URL itself.',
    oneOf: [{ required: ['env'] }, { required: ['file'] }],
  });

const targetSchema = z.strictObject({
  environment: sentence.meta({
    description: 'A free word. "production" makes destructive commands ask for the name of the target.',
  }),
  url: urlReference,
  runbooks: z.array(slug).min(1).optional().meta({ description: 'The runbooks that may run here. Default: all.' }),
  taskQueue: sentence.optional().meta({ description: 'Where the activities run, when networks differ.' }),
  replicas: replicasSchema,
  backups: backupsSchema,
  consumers: consumersSchema,
  seeds: z.boolean().default(false).meta({ description: 'Whether seed steps run here.' }),
  window: z
    .strictObject({
      approvalTimeout: windowDuration('approvalTimeout', 'How long a run waits for a person.').optional(),
      drain: windowDuration('drain', 'How long traffic must be quiet, without a break.').optional(),
      drainTimeout: windowDuration('drainTimeout', 'How long a run waits for that quiet.').optional(),
    })
    .default({})
    .meta({ description: "Overrides of the runbook's window." }),
  drain: drainSchema,
  afterRelease: afterReleaseSchema,
  notify: notifySchema,
  onUndoFailed: z
    .enum(['hold', 'release'])
    .default('hold')
    .meta({ description: 'What happens to held traffic when an undo fails.' }),
  holdAtMost: durationText.default('1h').meta({
    description:
      'How long traffic stays held for a person: after a failed undo, while an undo waits, in a pause or a question of the window.',
  }),
  saveDirectory: sentence
    .default('.drydock/saved')
    .meta({ description: 'Where rows are saved before a rollback drops them.' }),
  placeholders: placeholderValues.optional().meta({
    description: `Values for \${name} in the migrations here, over those of a runbook that has placeholders. They are shown in the plan: no secret belongs here.`,
  }),
  locks: locksSchema.optional().meta({ description: 'How migrations wait for locks here.' }),
});

export const targetsSchema = z.strictObject({
  version: z.literal(1),
  // Names are checked beside zod: it would not look at the value under a name that it refuses.
  targets: z.record(z.string(), targetSchema).meta({ propertyNames: { pattern: SLUG_PATTERN.source } }),
});

export type TargetEntry = z.output<typeof targetSchema>;
