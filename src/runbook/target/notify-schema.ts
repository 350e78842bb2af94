/** `notify:` of a target. The URL of a webhook is a secret: whoever has it can write there. */
import { z } from 'zod';
import { type Notifier, TURNS } from '../../model/notification.ts';
import { templateProblem } from '../../model/notification-template.ts';
import { slug } from '../fields.ts';
import { program } from './program-schema.ts';
import { secretOf, secretReference } from './secret-schema.ts';

const named = {
  name: slug,
  on: z.array(z.enum(TURNS)).min(1).optional().meta({ description: 'Of which turns it is told. Default: all.' }),
};

const template = z
  .string()
  .refine((text) => templateProblem(text) === undefined, {
    error: (issue) => templateProblem(String(issue.input)) ?? '',
  })
  .meta({ description: 'JSON with {{text}}, {{runbook}}, {{target}} and so on. Default: {"text": "{{slackText}}"}.' });

export const notifySchema = z
  .array(
    z.discriminatedUnion('kind', [
      z
        .strictObject({ ...named, kind: z.literal('webhook'), url: secretReference, template: template.optional() })
        .meta({ description: 'A POST of JSON, as Slack takes it.' }),
      z
        .strictObject({ ...named, kind: z.literal('command'), run: program })
        .meta({ description: 'A program; the message comes as JSON on its standard input.' }),
    ]),
  )
  .optional()
  .meta({ description: 'Who is told about the turns of a run.' });

type Entry = NonNullable<z.output<typeof notifySchema>>[number];

export function notifyOf(entries: readonly Entry[]): readonly Notifier[] {
  return entries.map((entry) => {
    const common = { name: entry.name, ...(entry.on === undefined ? {} : { on: entry.on }) };
    if (entry.kind === 'command') return { ...common, kind: 'command', run: entry.run };
    const own = entry.template === undefined ? {} : { template: entry.template };
    return { ...common, kind: 'webhook', url: secretOf(entry.url), ...own };
  });
}
