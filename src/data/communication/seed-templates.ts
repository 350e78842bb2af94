/**
 * The texts that every organisation starts with, for the channels of seed-channels. Run alone:
 * `pnpm tsx src/data/communication/seed-templates.ts --url $URL [--undo] [--json]`.
 */
import { isEntryPoint } from '../entry-point.ts';
import type { Seed, SeedRow } from '../seed.ts';
import { migratedTable, systemChannel } from './requirements.ts';

interface Template {
  readonly channel: 'in_app' | 'email' | 'sms' | 'push';
  readonly key: string;
  readonly subject: string | null;
  /** Holds each of `variables` as `{{name}}`: templates_body_covers_variables refuses it otherwise. */
  readonly body: string;
  readonly variables: readonly string[];
}

const TEMPLATES: readonly Template[] = [
  {
    channel: 'in_app',
    key: 'message.received',
    subject: null,
    body: '{{sender_name}} wrote in {{thread_subject}}: {{excerpt}}',
    variables: ['sender_name', 'thread_subject', 'excerpt'],
  },
  {
    channel: 'email',
    key: 'message.received',
    subject: '{{sender_name}} wrote in {{thread_subject}}',
    body: 'Hello {{recipient_name}},\n\n{{sender_name}} wrote in {{thread_subject}}:\n\n{{excerpt}}\n\nRead and answer: {{link}}\n',
    variables: ['recipient_name', 'sender_name', 'thread_subject', 'excerpt', 'link'],
  },
  {
    channel: 'sms',
    key: 'message.received',
    subject: null,
    body: '{{sender_name}} wrote to you: {{link}}',
    variables: ['sender_name', 'link'],
  },
  {
    channel: 'push',
    key: 'message.received',
    subject: '{{sender_name}}',
    body: '{{sender_name}}: {{excerpt}}',
    variables: ['sender_name', 'excerpt'],
  },
  {
    channel: 'in_app',
    key: 'thread.invited',
    subject: null,
    body: '{{inviter_name}} added you to {{thread_subject}}',
    variables: ['inviter_name', 'thread_subject'],
  },
  {
    channel: 'email',
    key: 'digest.daily',
    subject: '{{unread_count}} unread messages',
    body: 'Hello {{recipient_name}},\n\n{{unread_count}} messages wait for you: {{link}}\n',
    variables: ['recipient_name', 'unread_count', 'link'],
  },
];

const INSERT = `
INSERT INTO communication.templates (channel_id, key, subject, body, variables)
VALUES ((SELECT id FROM communication.channels WHERE organization_id IS NULL AND key = $1), $2, $3, $4, $5)
ON CONFLICT (key, channel_id, locale, version) WHERE organization_id IS NULL DO NOTHING
RETURNING id`;

function row({ channel, key, subject, body, variables }: Template): SeedRow {
  return { insert: INSERT, values: [channel, key, subject, body, JSON.stringify(variables)] };
}

const seed: Seed = {
  name: 'templates',
  table: 'communication.templates',
  requires: [
    migratedTable('communication.channels'),
    migratedTable('communication.templates'),
    ...[...new Set(TEMPLATES.map(({ channel }) => channel))].map(systemChannel),
  ],
  rows: () => TEMPLATES.map(row),
};

export default seed;

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runSeedCommand } = await import('../../cli/commands/seed.ts');
  process.exitCode = await runSeedCommand({ runbook: 'communication', seed }, process.argv.slice(2));
}
