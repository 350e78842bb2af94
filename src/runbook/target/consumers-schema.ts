/** `consumers:` of a target. What goes into a plan is refused here where it looks like a secret: those come by reference. */
import { z } from 'zod';
import type { Consumer, HttpCall } from '../../model/consumer.ts';
import type { SecretRef } from '../../model/secret-ref.ts';
import { durationMs, durationText, sentence, slug, sqlText } from '../fields.ts';
import { program } from './program-schema.ts';
import { secretOf, secretReference } from './secret-schema.ts';

const URL_FORM = 'a URL that starts with http:// or https://, or { env: NAME } or { file: path } where it is a secret';
const SECRET_NAME = /auth|token|secret|passw|cookie|credential|signature|(^|[-_])(api[-_]?)?key$/i;

const openUrl = z
  .string()
  .regex(/^https?:\/\/[^/]/i, URL_FORM)
  .refine(holdsNoSecret, 'this URL holds a secret: write { env: NAME } or { file: path } instead');

const headerValue = z.union([z.string(), secretReference], {
  error: 'the value of a header: a text in quotes, or { env: NAME } or { file: path } for a secret',
});

const headers = z
  .record(z.string(), headerValue)
  .superRefine((given, context) => {
    for (const [name, value] of Object.entries(given)) {
      const text = 'a secret does not belong in this file: write { env: NAME } or { file: path }';
      if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) addAt(context, name, 'not the name of a header');
      else if (typeof value === 'string' && SECRET_NAME.test(name)) addAt(context, name, text);
    }
  })
  .optional()
  .meta({ description: 'Sent with the request; secrets by reference.' });

function addAt(context: z.RefinementCtx, name: string, message: string): void {
  context.addIssue({ code: 'custom', path: [name], message });
}

const callFields = {
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
  url: z
    .union([openUrl, secretReference], { error: URL_FORM })
    .meta({ description: 'Without credentials, or by reference.' }),
  headers,
  body: z
    .string()
    .optional()
    .meta({ description: 'JSON, or whatever content-type says. It is part of the plan: no secrets.' }),
};

const call = z.strictObject(callFields);
const stateValue = z.union([z.string().min(1), z.boolean(), z.number()], { error: 'a text, a number, true or false' });

const status = z.strictObject({
  ...callFields,
  field: z
    .string()
    .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'the place of a value in the answer, such as state or worker.state')
    .meta({ description: 'Where the state is in the JSON of the answer: state, worker.state.' }),
  stopped: stateValue.default('stopped').meta({ description: 'The value when it has stopped.' }),
  running: stateValue.default('running').meta({ description: 'The value when it runs.' }),
});

const named = {
  name: slug,
  timeout: durationText.default('1m').meta({ description: 'How long it may take to stop, or to be running again.' }),
};

const url = secretReference.optional().meta({ description: "Where it is. Default: the target's own database." });

export const consumersSchema = z
  .array(
    z.discriminatedUnion('kind', [
      z
        .strictObject({ ...named, kind: z.literal('http'), pause: call, resume: call, status })
        .meta({ description: 'Paused, resumed and asked over HTTP.' }),
      z
        .strictObject({ ...named, kind: z.literal('command'), pause: program, resume: program, status: program })
        .meta({ description: 'By programs; the last line that status prints is stopped or running.' }),
      z
        .strictObject({ ...named, kind: z.literal('sql'), pause: sqlText, resume: sqlText, status: sqlText, url })
        .meta({ description: 'By statements; status gives one boolean, true where it has stopped.' }),
      z
        .strictObject({ ...named, kind: z.literal('subscription'), subscription: sentence, url })
        .meta({ description: 'A subscription of logical replication, disabled for the window.' }),
    ]),
  )
  .optional()
  .meta({ description: 'What works on the tables without being asked: paused for the window, in this order.' });

type Entry = NonNullable<z.output<typeof consumersSchema>>[number];

export function consumersOf(entries: readonly Entry[]): readonly Consumer[] {
  return entries.map(consumerOf);
}

function consumerOf(entry: Entry): Consumer {
  const { name } = entry;
  const common = { name, timeoutMs: durationMs(entry.timeout) };
  switch (entry.kind) {
    case 'http': {
      const { field, stopped, running, ...asking } = entry.status;
      const asked = { ...callOf(asking, 'GET'), field, stopped: String(stopped), running: String(running) };
      return { ...common, kind: 'http', pause: callOf(entry.pause), resume: callOf(entry.resume), status: asked };
    }
    case 'command': {
      const { pause, resume, status: asking } = entry;
      return { ...common, kind: 'command', pause, resume, status: asking };
    }
    case 'sql': {
      const { pause, resume, status: asking } = entry;
      return { ...common, kind: 'sql', pause, resume, status: asking, ...elsewhere(entry.url) };
    }
    case 'subscription':
      return { ...common, kind: 'subscription', subscription: entry.subscription, ...elsewhere(entry.url) };
  }
}

function callOf(entry: z.output<typeof call>, method: HttpCall['method'] = 'POST'): HttpCall {
  const given = Object.entries(entry.headers ?? {}).map(([name, value]) => [name, openOrSecret(value)] as const);
  return {
    method: entry.method ?? method,
    url: openOrSecret(entry.url),
    ...(entry.headers === undefined ? {} : { headers: Object.fromEntries(given) }),
    ...(entry.body === undefined ? {} : { body: entry.body }),
  };
}

function openOrSecret(value: string | z.output<typeof secretReference>): string | SecretRef {
  return typeof value === 'string' ? value : secretOf(value);
}

function elsewhere(reference: z.output<typeof secretReference> | undefined): { readonly url?: SecretRef } {
  return reference === undefined ? {} : { url: secretOf(reference) };
}

function holdsNoSecret(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password, searchParams } = new URL(text);
  return username === '' && password === '' && ![...searchParams.keys()].some((key) => SECRET_NAME.test(key));
}
