/**
 * The messages a person can send to a run, as signals and as updates of the same names, and how their JSON is read.
 * What is done with them is the workflow's.
 */
import {
  accept,
  firstRefusal,
  type Parsed,
  readObject,
  readOptionalText,
  readText,
  refuse,
  refuseUnknownKeys,
} from './parse.ts';
import { LEAST_DIGEST_PREFIX } from './plan.ts';

/** Names of the signals and updates. Public: a history or a script may hold them. */
export const MESSAGE_NAMES = ['approve', 'reject', 'pause', 'resume', 'abort', 'decide'] as const;
export type MessageName = (typeof MESSAGE_NAMES)[number];

export type Message =
  | { readonly name: 'approve'; readonly by: string; readonly reason: string; readonly plan: string }
  | { readonly name: 'reject'; readonly by: string; readonly reason: string }
  | { readonly name: 'pause'; readonly by: string; readonly reason: string }
  | { readonly name: 'resume'; readonly by: string; readonly reason: string }
  | { readonly name: 'abort'; readonly by: string; readonly reason: string }
  | {
      readonly name: 'decide';
      readonly by: string;
      readonly reason: string;
      readonly item: string;
      readonly action: 'retry' | 'waive';
    };

const EXAMPLES: Readonly<Record<MessageName, string>> = {
  approve: '{"by":"kim","plan":"3f9c2a71b0de","reason":"window agreed"}',
  reject: '{"by":"kim","reason":"not tonight"}',
  pause: '{"by":"kim","reason":"looking at replica 2"}',
  resume: '{"by":"kim","reason":"replica 2 is fine"}',
  abort: '{"by":"kim","reason":"errors in checkout"}',
  decide: '{"by":"kim","item":"dump-archives","action":"waive","reason":"snapshot taken by the storage team"}',
};

/** What a message's JSON looks like, for help texts and refusals. */
export function messageExample(name: MessageName): string {
  return EXAMPLES[name];
}

/** Reads the JSON of a message. `by` is always required; `reason` too, except to approve, pause, resume or retry. */
export function parseMessage(name: MessageName, input: unknown): Parsed<Message> {
  const example = EXAMPLES[name];
  const object = readObject(input, example);
  if (!object.ok) return object;
  const by = readText(object.value, 'by', `who you are, as in ${example}`);
  switch (name) {
    case 'approve':
      return parseApprove(object.value, by);
    case 'decide':
      return parseDecide(object.value, by);
    case 'reject':
    case 'abort':
      return parsePlain(name, object.value, by, readText(object.value, 'reason', `why, as in ${example}`));
    case 'pause':
    case 'resume':
      return parsePlain(name, object.value, by, readOptionalText(object.value, 'reason', 'why'));
  }
}

type PlainName = 'reject' | 'abort' | 'pause' | 'resume';

function parsePlain(
  name: PlainName,
  object: Readonly<Record<string, unknown>>,
  by: Parsed<string>,
  reason: Parsed<string>,
): Parsed<Message> {
  const refused = firstRefusal(by, reason, refuseUnknownKeys(object, ['by', 'reason']));
  if (refused) return refused;
  return accept({ name, by: (by as { value: string }).value, reason: (reason as { value: string }).value });
}

function parseApprove(object: Readonly<Record<string, unknown>>, by: Parsed<string>): Parsed<Message> {
  const plan = readText(
    object,
    'plan',
    `at least ${LEAST_DIGEST_PREFIX} hex digits of the plan's digest, as in ${EXAMPLES.approve}`,
  );
  const reason = readOptionalText(object, 'reason', 'why');
  const refused = firstRefusal(by, plan, reason, refuseUnknownKeys(object, ['by', 'plan', 'reason']));
  if (refused) return refused;
  if (!by.ok || !plan.ok || !reason.ok) return refuse('unreadable');
  return accept({ name: 'approve', by: by.value, reason: reason.value, plan: plan.value.toLowerCase() });
}

function parseDecide(object: Readonly<Record<string, unknown>>, by: Parsed<string>): Parsed<Message> {
  const item = readText(object, 'item', `the id of the failed item, as in ${EXAMPLES.decide}`);
  const action = object.action;
  if (action !== 'retry' && action !== 'waive') {
    return refuse(`"action" has to be "retry" or "waive", as in ${EXAMPLES.decide}`);
  }
  const reason =
    action === 'waive'
      ? readText(object, 'reason', `why it may be waived, as in ${EXAMPLES.decide}`)
      : readOptionalText(object, 'reason', 'why');
  const refused = firstRefusal(by, item, reason, refuseUnknownKeys(object, ['by', 'item', 'action', 'reason']));
  if (refused) return refused;
  if (!by.ok || !item.ok || !reason.ok) return refuse('unreadable');
  return accept({ name: 'decide', by: by.value, reason: reason.value, item: item.value, action });
}
