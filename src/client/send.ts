/**
 * Says something to a run: as an update where a worker answers, because an update brings its answer back; as a signal where
 * none does, because Temporal keeps a signal. An update without a worker is never sent: the server would go on holding it
 * after the sender has given up, and deliver it later, or lose it in a restart.
 */
import { randomUUID } from 'node:crypto';
import { judgeMessage } from '../model/approval.ts';
import { type Message, type MessageName, parseMessage } from '../model/messages.ts';
import { ProblemError } from '../model/problem.ts';
import type { RunState } from '../model/state.ts';
import { askServer, within } from './calls.ts';
import type { TemporalLink } from './connect.ts';
import { faultOf } from './faults.ts';
import { ask, readRun } from './read.ts';
import { describeRun, type RunAddress, type RunDescription } from './run-description.ts';

/** The JSON of a message, as src/model/messages.ts reads it. */
export type MessageBody = Readonly<Record<string, string>>;

export interface Sent {
  /** `answered`: acted on. `left`: kept by Temporal as a signal, and judged when a worker is back. */
  readonly kind: 'answered' | 'left';
  /** One line: what was done, and what comes next. */
  readonly answer: string;
  readonly run: RunAddress;
}

export interface SendOptions {
  /** How long a worker may take to show that it is there. Default 3 s. */
  readonly workerTimeoutMs?: number;
  /** How long a worker that is there may take to answer. Default 15 s. */
  readonly answerTimeoutMs?: number;
}

const ANSWER_TIMEOUT_MS = 15_000;

/**
 * Errors: `message-invalid` (before anything is sent), `message-refused` (by the run, with its reason), `run-not-found`,
 * `run-closed`, `message-unanswered` (sent, and the worker was lost before it answered), `temporal-unreachable`.
 */
export async function sendMessage(
  link: TemporalLink,
  address: RunAddress,
  { name, body }: { readonly name: MessageName; readonly body: MessageBody },
  options: SendOptions = {},
): Promise<Sent> {
  const message = parseMessage(name, body);
  if (!message.ok) throw new ProblemError({ code: 'message-invalid', message: `${name}: ${message.reason}` });
  const run = await describeRun(link, address);
  if (run.closed) throw await closedRun(link, run, name);
  return (await workerAnswers(link, run, options))
    ? { kind: 'answered', answer: await update(link, run, { name, body }, options), run }
    : { kind: 'left', answer: await leaveSignal(link, run, { message: message.value, body }), run };
}

/** A query leaves nothing behind when nobody answers it, which an update would. */
async function workerAnswers(link: TemporalLink, run: RunDescription, options: SendOptions): Promise<boolean> {
  try {
    await ask<RunState>(link, run, 'undo', options);
    return true;
  } catch (error) {
    if (faultOf(error, 'worker') === 'no-worker') return false;
    throw error;
  }
}

type Outgoing = { readonly name: MessageName; readonly body: MessageBody };

async function update(
  link: TemporalLink,
  run: RunDescription,
  { name, body }: Outgoing,
  options: SendOptions,
): Promise<string> {
  const handle = link.client.workflow.getHandle(run.workflowId, run.runId);
  const updateId = `${name}-${randomUUID()}`;
  try {
    return await within(link, options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS, () =>
      handle.executeUpdate<string, [MessageBody]>(name, { args: [body], updateId }),
    );
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal) throw refused(run, refusal);
    switch (faultOf(error, 'worker')) {
      case 'not-found':
        throw await closedRun(link, await describeRun(link, run), name);
      case 'no-worker':
        throw unanswered(run, name);
      default:
        throw error;
    }
  }
}

/** The workflow's own words, where it was the workflow that refused or ended before it could answer. */
function refusalIn(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'WorkflowUpdateFailedError') return undefined;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function leaveSignal(
  link: TemporalLink,
  run: RunDescription,
  { message, body }: { readonly message: Message; readonly body: MessageBody },
): Promise<string> {
  const foreseen = foreseenRefusal(message, run.memo);
  if (foreseen) throw refused(run, `${message.name} refused: ${foreseen}`);
  const handle = link.client.workflow.getHandle(run.workflowId, run.runId);
  await askServer(link, run.workflowId, () => handle.signal(message.name, body));
  return `no worker answers: ${message.name} is left with Temporal as a signal; next: start a worker; the run's state then shows whether it was taken`;
}

/**
 * What the run would say, as far as its memo can tell: only for answers to a question, whose question is in the memo. What
 * the others meet may be changed by signals that already wait.
 */
function foreseenRefusal(message: Message, memo: RunState | null): string | undefined {
  if (!memo || !['approve', 'reject', 'decide'].includes(message.name)) return undefined;
  const judged = judgeMessage(message, memo);
  return judged.ok ? undefined : judged.reason;
}

function refused(run: RunDescription, message: string): ProblemError {
  return new ProblemError({
    code: 'message-refused',
    message,
    next: `look at what the run waits for: pnpm tsx src/cli/drydock.ts state ${run.workflowId}`,
  });
}

async function closedRun(link: TemporalLink, run: RunDescription, name: MessageName): Promise<ProblemError> {
  const { state } = await readRun(link, run);
  return new ProblemError({
    code: 'run-closed',
    message: `the run ${run.workflowId} is over: there is nothing left to ${name}`,
    found: `${state.outcome ?? run.status}, ended ${run.closedAt ?? 'just now'}: ${state.sentence ?? 'no sentence'}`,
    next: `pnpm tsx src/cli/drydock.ts report ${run.workflowId}`,
  });
}

function unanswered(run: RunDescription, name: MessageName): ProblemError {
  return new ProblemError({
    code: 'message-unanswered',
    message: `the worker was lost before it answered: ${name} may be acted on or may be lost`,
    found: 'a worker answered a question just before, and then no more',
    next: `look before you send it again: pnpm tsx src/cli/drydock.ts state ${run.workflowId}`,
    retry: 'retry',
  });
}
