/** The JSON that a webhook is sent: a text with `{{places}}`, each filled with a value that is escaped for a JSON string. Pure. */
import type { NotificationMessage } from './notification.ts';

/** What Slack, Mattermost and others that take Slack's webhooks understand. */
export const DEFAULT_TEMPLATE = '{"text": "{{slackText}}"}';

/** What may stand between the braces. */
export const TEMPLATE_NAMES = [
  'text',
  'slackText',
  'turn',
  'runbook',
  'target',
  'environment',
  'workflowId',
  'runId',
  'at',
] as const;

type TemplateName = (typeof TEMPLATE_NAMES)[number];

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Values are taken as they are and never filled in again. A place of another name, which the schema refuses, becomes empty. */
export function renderTemplate(template: string, message: NotificationMessage): string {
  const values = valuesOf(message);
  return template.replace(PLACE, (_, name: string) => escaped(values[name as TemplateName] ?? ''));
}

/** Why this is no template; undefined where it is one. Found out with values that would break it if anything could. */
export function templateProblem(template: string): string | undefined {
  const names = [...template.matchAll(PLACE)].map(([, name = '']) => name);
  const wrong = names.find((name) => !(TEMPLATE_NAMES as readonly string[]).includes(name));
  if (wrong !== undefined) return `{{${wrong}}} is none of ${TEMPLATE_NAMES.join(', ')}`;
  try {
    JSON.parse(renderTemplate(template, SAMPLE));
    return undefined;
  } catch {
    return 'this is no JSON once it is filled in; every {{…}} has to stand inside a text in double quotes';
  }
}

const AWKWARD = 'a "quoted" \\ text,\nin two lines';

const SAMPLE: NotificationMessage = {
  turn: 'approval-asked',
  runbook: AWKWARD,
  target: AWKWARD,
  environment: AWKWARD,
  workflowId: AWKWARD,
  runId: AWKWARD,
  text: AWKWARD,
  at: AWKWARD,
};

function valuesOf(message: NotificationMessage): Readonly<Record<TemplateName, string>> {
  return { ...message, environment: message.environment ?? '', slackText: forSlack(message.text) };
}

/** Slack reads commands such as a call to everybody in a channel between < and >; what people wrote must not become one. */
function forSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escaped(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
