/**
 * One HTTP request and its answer. Nothing of what was sent gets into its words: URL, headers and body may be secrets. Redirects are
 * not followed, because what is sent is meant for the host that was named. Whether to try again is the caller's.
 */
import { interrupted } from '../postgres/clock.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type HttpOutcome =
  /** `text`: the first 64 kB. `retryAfterMs`: what the header of that name asks for. */
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly retryAfterMs?: number }
  | { readonly kind: 'no-answer'; readonly why: string }
  /** No request can be made of this; sending it again helps nobody. */
  | { readonly kind: 'impossible'; readonly why: string };

const KEPT_BYTES = 65_536;

/** Error: `interrupted`. */
export async function exchange(wanted: HttpRequest): Promise<HttpOutcome> {
  const { signal, timeoutMs } = wanted;
  if (signal?.aborted) throw interrupted();
  const request = requestOf(wanted);
  if (typeof request === 'string') return { kind: 'impossible', why: request };
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(request, { signal: signal ? AbortSignal.any([signal, late]) : late });
    const retryAfterMs = retryAfter(response.headers.get('retry-after'), Date.now());
    const text = await firstOf(response);
    return { kind: 'answered', status: response.status, text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    return { kind: 'no-answer', why: late.aborted ? `no answer within ${timeoutMs / 1000} s` : faultOf(error) };
  }
}

/** Answers that may be others in a moment. */
export function mayPass(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

/** A header that cannot be sent is repeated in the error about it, so that error is not. */
function requestOf({ method, url, headers = {}, body }: HttpRequest): Request | string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return 'the URL is no http or https URL';
  try {
    return new Request(url, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
  } catch {
    return 'a header or the URL holds what cannot be sent (a line break, a password before the host?)';
  }
}

/** Milliseconds; undefined where the header is not there or no time. */
export function retryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header.trim()) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

async function firstOf(response: Response): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes >= KEPT_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, KEPT_BYTES);
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'the host is not known',
  EAI_AGAIN: 'the host name could not be looked up',
};

/** The system's code only: the text around it names addresses. */
function faultOf(error: unknown): string {
  const cause = (error instanceof Error ? error.cause : undefined) as { code?: unknown; message?: unknown } | undefined;
  const code = cause?.code;
  if (cause?.message === 'bad port')
    return 'nothing is ever sent to the port of this URL: it is one of those kept from HTTP';
  if (typeof code !== 'string') return 'the exchange failed';
  return WORDS[code] ? `${WORDS[code]} (${code})` : code;
}
