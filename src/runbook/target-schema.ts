/** The shape of `drydock.yaml`: which targets there are. Secrets come by reference; a literal URL is refused with the reason. */
import { z } from 'zod';
import { durationText, SLUG_PATTERN, sentence, slug, windowDuration } from './fields.ts';
import { locksSchema } from './locks-schema.ts';

const LITERAL_URL =
  'a URL is a secret and does not belong in this file: write { env: NAME } for an environment variable of the worker, ' +
  'or { file: path } for a secret that is mounted as a file';

const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not the name of an environment variable, such as COMMUNICATION_DATABASE_URL');

const secretPath = z
  .string()
  .min(1, 'this path is empty')
  .refine((path) => !path.includes('://'), 'this looks like a URL; write the path of the file that holds it');

const urlReference = z
  .strictObject(
    { env: environmentName.optional(), file: secretPath.optional() },
    { error: (issue) => (issue.code === 'invalid_type' && issue.input !== undefined ? LITERAL_URL : undefined) },
  )
  .meta({
    description: 'Where the worker finds the URL; never the URL itself.',
    oneOf: [{ required: ['env'] }, { required: ['file'] }],
  });

/** The kinds of drain this version knows. A new kind is a member here, in the model's TargetView and a file in `src/drain`. */
const drain = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('observe') }).meta({ description: 'Someone else drains; quiet is proven.' }),
]);

const targetSchema = z.strictObject({
  environment: sentence.meta({
    description: 'A free word. "production" makes destructive commands ask for the name of the target.',
  }),
  url: urlReference,
  runbooks: z.array(slug).min(1).optional().meta({ description: 'The runbooks that may run here. Default: all.' }),
  taskQueue: sentence.optional().meta({ description: 'Where the activities run, when networks differ.' }),
  replicas: z.strictObject({ expected: z.int().min(0) }).default({ expected: 0 }),
  backups: z
    .strictObject({
      archives: z.array(sentence).default([]).meta({
        description: 'Dump archives: paths below the checkout or absolute; * and ? within a name, ** for any depth.',
      }),
    })
    .default({ archives: [] }),
  seeds: z.boolean().default(false).meta({ description: 'Whether seed steps run here.' }),
  window: z
    .strictObject({
      approvalTimeout: windowDuration('approvalTimeout', 'How long a run waits for a person.').optional(),
      drain: windowDuration('drain', 'How long traffic must be quiet, without a break.').optional(),
      drainTimeout: windowDuration('drainTimeout', 'How long a run waits for that quiet.').optional(),
    })
    .default({})
    .meta({ description: "Overrides of the runbook's window." }),
  drain: drain.default({ kind: 'observe' }),
  onUndoFailed: z
    .enum(['hold', 'release'])
    .default('hold')
    .meta({ description: 'What happens to held traffic when an undo fails.' }),
  holdAtMost: durationText.default('1h').meta({ description: 'How long traffic stays held after a failed undo.' }),
  saveDirectory: sentence
    .default('.drydock/saved')
    .meta({ description: 'Where rows are saved before a rollback drops them.' }),
  locks: locksSchema.optional().meta({ description: 'How migrations wait for locks here.' }),
});

export const targetsSchema = z.strictObject({
  version: z.literal(1),
  // Names are checked beside zod: it would not look at the value under a name that it refuses.
  targets: z.record(z.string(), targetSchema).meta({ propertyNames: { pattern: SLUG_PATTERN.source } }),
});

export type TargetEntry = z.output<typeof targetSchema>;
