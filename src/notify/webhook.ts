/** Tells by a POST of JSON. The URL is a secret and stands in no error; neither does what was sent or answered. */
import type { NotificationMessage, Notifier } from '../model/notification.ts';
import { DEFAULT_TEMPLATE, renderTemplate } from '../model/notification-template.ts';
import { ProblemError } from '../model/problem.ts';
import { secretSource } from '../model/secret-ref.ts';
import { exchange, type HttpOutcome, mayPass } from '../outside/http-exchange.ts';

type Webhook = Extract<Notifier, { kind: 'webhook' }>;

const TIMEOUT_MS = 5_000;

/** Errors: `notification-failed`, `interrupted`. */
export async function tellWebhook(
  notifier: Webhook,
  message: NotificationMessage,
  url: string,
  { signal, timeoutMs = TIMEOUT_MS }: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
): Promise<void> {
  const outcome = await exchange({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: renderTemplate(notifier.template ?? DEFAULT_TEMPLATE, message),
    timeoutMs,
    signal,
  });
  if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) return;
  throw failure(notifier, outcome);
}

function failure({ name, url }: Webhook, outcome: HttpOutcome): ProblemError {
  const passes = outcome.kind === 'no-answer' || (outcome.kind === 'answered' && mayPass(outcome.status));
  const found = outcome.kind === 'answered' ? `it answered ${outcome.status}` : outcome.why;
  const next = passes ? 'nothing: it is tried again, and the run goes on' : `correct the URL in ${secretSource(url)}`;
  return new ProblemError({
    code: 'notification-failed',
    message: `${name} could not be told`,
    found,
    expected: 'an answer of 2xx',
    next,
    retry: passes ? 'retry' : 'stop',
  });
}
