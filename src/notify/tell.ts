/** Tells one notifier about one turn of a run, once. Whether and how often it is tried again is the caller's. */
import { assertNever } from '../model/assert-never.ts';
import type { NotificationMessage, Notifier } from '../model/notification.ts';
import { isProblemError, ProblemError } from '../model/problem.ts';
import type { SecretRef } from '../model/secret-ref.ts';
import { tellCommand } from './command.ts';
import { tellWebhook } from './webhook.ts';

export interface TellContext {
  readonly secret: (ref: SecretRef) => Promise<string>;
  readonly signal?: AbortSignal;
  /** Default 5 s for a webhook, 10 s for a command. */
  readonly timeoutMs?: number;
}

/**
 * Errors: `notification-failed`, of class `retry` where the network, the other side or a program failed, `stop` where it refused or
 * cannot be reached with these settings; `interrupted`. None of them holds a URL or what was sent.
 */
export async function tell(notifier: Notifier, message: NotificationMessage, context: TellContext): Promise<void> {
  switch (notifier.kind) {
    case 'webhook':
      return tellWebhook(notifier, message, await addressOf(notifier, context), context);
    case 'command':
      return tellCommand(notifier, message, context);
    default:
      return assertNever(notifier);
  }
}

async function addressOf(
  { name, url }: Extract<Notifier, { kind: 'webhook' }>,
  { secret }: TellContext,
): Promise<string> {
  try {
    return await secret(url);
  } catch (error) {
    if (!isProblemError(error)) throw error;
    const { message, found, expected, next } = error.problem;
    const parts = { ...(found ? { found } : {}), ...(expected ? { expected } : {}), ...(next ? { next } : {}) };
    throw new ProblemError({ code: 'notification-failed', message: `${name} could not be told: ${message}`, ...parts });
  }
}
