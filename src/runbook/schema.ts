/**
 * The shape of `runbooks/<name>.yaml`, as zod and, generated from it, as JSON Schema. Only shape: what spans several
 * values (duplicate ids, files that must exist, SQL) is looked at in the files beside this one.
 */
import { z } from 'zod';
import { LINT_RULE_NAMES } from '../model/lint-rule-names.ts';
import {
  durationText,
  pathInside,
  placeholderValues,
  regexText,
  schemaName,
  sentence,
  slug,
  sqlText,
  windowDuration,
} from './fields.ts';

const itemHead = { id: slug, title: sentence };
const checkHead = {
  ...itemHead,
  waivable: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether a named person may waive this item with a reason.' }),
};

const checklistItem = z.discriminatedUnion('check', [
  z.strictObject({ ...checkHead, check: z.literal('primary') }),
  z.strictObject({ ...checkHead, check: z.literal('environment') }),
  z.strictObject({
    ...checkHead,
    check: z.literal('dump-archives'),
    maxAge: durationText.meta({ description: 'How old the newest dump may be.' }),
  }),
  z.strictObject({
    ...checkHead,
    check: z.literal('wal-archiving'),
    maxAge: durationText.meta({ description: 'How long ago the last WAL segment may have been archived.' }),
  }),
  z.strictObject({
    ...checkHead,
    check: z.literal('logical-backup'),
    maxAge: durationText.meta({ description: 'How old what the newest dump holds may be.' }),
  }),
  z.strictObject({
    ...checkHead,
    check: z.literal('pitr-backup'),
    maxAge: durationText.meta({ description: 'How old the newest moment may be that could be restored.' }),
  }),
  z.strictObject({
    ...checkHead,
    check: z.literal('replica-lag'),
    maxLag: durationText.meta({ description: 'Within this time every replica must have replayed a marker.' }),
  }),
  z.strictObject({ ...checkHead, check: z.literal('dry-run') }),
  z.strictObject({
    ...checkHead,
    check: z.literal('rehearsal'),
    maxAge: durationText.meta({ description: 'How long ago these files may have been rehearsed.' }),
  }),
  z.strictObject({ ...checkHead, check: z.literal('quiet') }),
]);

const windowPolicy = z.strictObject({
  approvalTimeout: windowDuration('approvalTimeout', 'How long the run waits for a person.').default('4h'),
  drain: windowDuration('drain', 'How long traffic must be quiet, without a break.').default('5m'),
  drainTimeout: windowDuration('drainTimeout', 'How long the run waits for that quiet.').default('30m'),
});

const executionStep = z.discriminatedUnion('step', [
  z.strictObject({ ...itemHead, step: z.literal('status'), expect: z.enum(['before', 'after']) }),
  z.strictObject({ ...itemHead, step: z.literal('migrate') }),
  z.strictObject({
    ...itemHead,
    step: z.literal('seed'),
    module: pathInside.meta({ description: 'A module below the checkout whose default export is a Seed.' }),
  }),
]);

const expectation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all-not-null') }),
  z.strictObject({
    kind: z.literal('rows'),
    atLeast: z.int().min(0).optional(),
    exactly: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal('no-rows') }),
  z.strictObject({ kind: z.literal('column-contains'), column: sentence, values: z.array(sentence).min(1) }),
  z.strictObject({ kind: z.literal('uses-index'), index: sentence }),
]);

const statement = z
  .strictObject({ sql: sqlText.optional(), explain: sqlText.optional(), expect: expectation.optional() })
  .meta({ oneOf: [{ required: ['sql'] }, { required: ['explain', 'expect'] }] });

const validationItem = z.strictObject({
  ...itemHead,
  writes: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether the statements may write. They are rolled back either way.' }),
  statements: z.array(statement).min(1),
  otherwise: sentence.optional().meta({ description: 'What to do when this fails, in words.' }),
});

const rehearsalPolicy = z.strictObject({
  stub: pathInside.optional().meta({
    description: 'SQL that makes what the migrations refer to, for rehearsals without a dump of the target.',
  }),
  deviations: z
    .strictObject({
      durationFactor: z
        .number()
        .gt(1)
        .default(10)
        .meta({ description: 'So many times longer than rehearsed makes the run stop and ask.' }),
      durationFloor: durationText
        .default('1s')
        .meta({ description: 'What takes less never makes the run ask, whatever was rehearsed.' }),
    })
    .optional()
    .meta({
      description:
        'Given: a step that locks more strongly, rewrites more or takes much longer than its rehearsal makes the run stop and ask.',
    }),
});

const lintSettings = z.strictObject({
  // Whether there is such a rule is looked at beside this, where the nearest name can be told.
  rules: z
    .record(
      z.string(),
      z.strictObject({
        level: z.enum(['off', 'warn', 'error']),
        reason: sentence.meta({ description: 'Why, for whoever reads the report.' }),
      }),
    )
    .meta({ propertyNames: { enum: [...LINT_RULE_NAMES] } }),
});

const troubleshootingEntry = z.strictObject({
  symptom: sentence,
  match: z
    .strictObject({
      sqlstate: z
        .string()
        .regex(/^[0-9A-Z]{5}$/, 'a SQLSTATE is five digits or capitals, such as 42P01')
        .optional(),
      code: slug.optional(),
      pattern: regexText.optional(),
    })
    .meta({ minProperties: 1 }),
  resolution: sentence,
});

export const runbookSchema = z.strictObject({
  version: z.literal(1),
  name: slug,
  title: sentence,
  description: sentence.optional(),
  schemas: z.array(schemaName).min(1).meta({ description: 'Schemas this runbook owns.' }),
  ledgerSchema: schemaName.meta({ description: 'Where schema_migrations lives.' }),
  migrations: z.strictObject({
    directory: pathInside,
    expect: z.int().min(1).optional().meta({ description: 'How many migrations must be on disk.' }),
  }),
  placeholders: placeholderValues.optional().meta({
    description: `Values for \${name} in the migrations, put in as they are. A target may give its own. They are shown in the plan: no secret belongs here.`,
  }),
  lint: lintSettings.optional().meta({ description: 'Lint rules that are off, or of another severity, here.' }),
  checklist: z.array(checklistItem).min(1),
  window: windowPolicy.default({ approvalTimeout: '4h', drain: '5m', drainTimeout: '30m' }),
  execution: z.array(executionStep).min(1),
  validation: z.array(validationItem).default([]),
  troubleshooting: z.array(troubleshootingEntry).default([]),
  rehearsal: rehearsalPolicy.optional(),
});

/** A runbook file after zod, before durations become milliseconds and SQL becomes digests. */
export type RunbookFile = z.output<typeof runbookSchema>;
export type ChecklistEntry = RunbookFile['checklist'][number];
export type ExecutionEntry = RunbookFile['execution'][number];
export type ValidationEntry = RunbookFile['validation'][number];
export type StatementEntry = ValidationEntry['statements'][number];
