/** A consumer that is paused, resumed and asked over HTTP. Where secrets are sent and what came back is never shown, but for one field. */
import type { Consumer, HttpCall } from '../../model/consumer.ts';
import { ProblemError } from '../../model/problem.ts';
import { type SecretRef, secretSource } from '../../model/secret-ref.ts';
import { exchange, type HttpOutcome, mayPass } from '../../outside/http-exchange.ts';
import type { ConsumerAccess, ConsumerControl, Look } from './control.ts';
import { AskedToWait } from './try-again.ts';

type HttpConsumer = Extract<Consumer, { kind: 'http' }>;

/** One exchange; a longer pause is tried again, and what counts is what the status says. */
const REQUEST_TIMEOUT_MS = 10_000;
const SHOWN_CHARACTERS = 80;

export function httpControl(consumer: HttpConsumer, access: ConsumerAccess): ConsumerControl {
  const send = (call: HttpCall): Promise<string> => answerTo(call, consumer, access);
  return {
    look: async () => lookIn(await send(consumer.status), consumer.status),
    pause: async () => void (await send(consumer.pause)),
    resume: async () => void (await send(consumer.resume)),
  };
}

/** The text of a 2xx answer. */
async function answerTo(call: HttpCall, consumer: HttpConsumer, access: ConsumerAccess): Promise<string> {
  const headers = await headersOf(call, access);
  const outcome = await exchange({
    method: call.method,
    url: await revealed(call.url, access),
    headers,
    body: call.body,
    timeoutMs: Math.min(REQUEST_TIMEOUT_MS, consumer.timeoutMs),
    signal: access.signal,
  });
  if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) return outcome.text;
  throw failure(outcome, call, consumer.name);
}

async function headersOf({ headers = {}, body }: HttpCall, access: ConsumerAccess): Promise<Record<string, string>> {
  const given = await Promise.all(
    Object.entries(headers).map(async ([name, value]) => [name, await revealed(value, access)] as const),
  );
  const named = given.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    ...(body === undefined || named ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(given),
  };
}

function revealed(value: string | SecretRef, { secret }: ConsumerAccess): Promise<string> {
  return typeof value === 'string' ? Promise.resolve(value) : secret(value);
}

function failure(outcome: HttpOutcome, call: HttpCall, name: string): ProblemError {
  const what = `${call.method} ${shownUrl(call.url)}`;
  if (outcome.kind === 'impossible')
    return new ProblemError({
      code: 'consumer-call-impossible',
      message: `${name} cannot be asked`,
      found: `${what}: ${outcome.why}`,
      next: `correct the consumer ${name} in drydock.yaml, or the secret it names`,
    });
  if (outcome.kind === 'no-answer' || mayPass(outcome.status)) {
    const found = outcome.kind === 'no-answer' ? outcome.why : `answered ${outcome.status}`;
    const problem = {
      code: 'consumer-unreachable',
      message: `${name} does not answer as it should`,
      found: `${what}: ${found}`,
      expected: 'an answer of 2xx',
      next: `look at ${name}, and at the way from this worker to it`,
      retry: 'retry',
    } as const;
    return new AskedToWait(problem, outcome.kind === 'answered' ? outcome.retryAfterMs : undefined);
  }
  const redirect = outcome.status >= 300 && outcome.status < 400 ? ', a redirect; redirects are not followed' : '';
  return new ProblemError({
    code: 'consumer-refused',
    message: `${name} refused`,
    found: `${what}: answered ${outcome.status}${redirect}`,
    expected: 'an answer of 2xx',
    next: `correct the URL, the method or the credentials of the consumer ${name} in drydock.yaml`,
  });
}

/** Without credentials and query; of a secret only where it is kept. */
function shownUrl(url: HttpCall['url']): string {
  if (typeof url !== 'string') return `(URL in ${secretSource(url)})`;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function lookIn(text: string, { field, stopped, running }: HttpConsumer['status']): Look {
  const value = valueAt(text, field);
  if (value === undefined) return { kind: 'neither', said: `no value at "${field}" of what it answers` };
  const said = `${field} is "${value.slice(0, SHOWN_CHARACTERS)}"`;
  if (value === stopped) return { kind: 'stopped', said };
  return { kind: value === running ? 'running' : 'neither', said };
}

/** Texts, numbers and truth values as text; everything else is no state. */
function valueAt(text: string, field: string): string | undefined {
  let here: unknown;
  try {
    here = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const key of field.split('.')) {
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return ['string', 'number', 'boolean'].includes(typeof here) ? String(here) : undefined;
}
