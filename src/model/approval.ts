/** Whether a message may be acted on in the state it meets. Pure: shape, digest, moment; who may approve comes later. */
import type { Message } from './messages.ts';
import { accept, type Parsed, refuse } from './parse.ts';
import { LEAST_DIGEST_PREFIX, shortDigest } from './plan.ts';
import type { RunState } from './state.ts';

/** Accepts a message in this state, or says why not and what to do instead. Never throws. */
export function judgeMessage(message: Message, state: RunState): Parsed<Message> {
  if (state.outcome !== null)
    return refuse(`the run is over (${state.outcome}); there is nothing left to ${message.name}`);
  if (state.stop !== null && message.name !== 'pause' && message.name !== 'resume') {
    return refuse(`the run is already being ended (${state.stop.kind} by ${state.stop.by})`);
  }
  switch (message.name) {
    case 'approve':
      return judgeApproval(message, state);
    case 'reject':
      return state.waiting?.kind === 'approval'
        ? accept(message)
        : refuse(`${notWaiting(state, 'an approval')}; to stop a run at work, send abort`);
    case 'decide':
      return judgeDecision(message, state);
    case 'pause':
      return judgePause(message, state);
    case 'resume':
      return state.paused ? accept(message) : refuse('the run is not paused');
    case 'abort':
      return state.phase === 'undo' || state.phase === 'release'
        ? refuse(
            state.phase === 'undo'
              ? 'the run is already undoing what it did'
              : 'every step is done and validated; the run is letting traffic back in',
          )
        : accept(message);
  }
}

function judgeApproval(message: Extract<Message, { name: 'approve' }>, state: RunState): Parsed<Message> {
  if (state.waiting?.kind !== 'approval') return refuse(notWaiting(state, 'an approval'));
  const digest = state.waiting.digest;
  if (!/^[0-9a-f]+$/.test(message.plan) || message.plan.length < LEAST_DIGEST_PREFIX) {
    return refuse(
      `"${message.plan.slice(0, 70)}" is no plan digest of at least ${LEAST_DIGEST_PREFIX} hex digits; the plan to approve is ${shortDigest(digest)}`,
    );
  }
  if (!digest.startsWith(message.plan)) {
    return refuse(
      `${shortDigest(message.plan)} is not the plan that waits; the plan to approve is ${shortDigest(digest)}; look at it before you approve it`,
    );
  }
  return accept(message);
}

function judgeDecision(message: Extract<Message, { name: 'decide' }>, state: RunState): Parsed<Message> {
  if (state.waiting?.kind !== 'decision') return refuse(notWaiting(state, 'a decision'));
  const { item, waivable, retry } = state.waiting;
  if (item.id !== message.item)
    return refuse(`the run waits for a decision about ${item.id}, not about ${message.item}`);
  if (message.action === 'waive' && !waivable)
    return refuse(`the runbook does not allow ${item.id} to be waived; mend the cause and send retry, or abort`);
  if (message.action === 'retry' && retry === 'not-possible')
    return refuse(`${item.id} is done and cannot be tried again; waive it to go on with the next step, or abort`);
  return accept(message);
}

function judgePause(message: Extract<Message, { name: 'pause' }>, state: RunState): Parsed<Message> {
  if (state.paused) return refuse(`the run is paused already, by ${state.paused.by}`);
  return state.phase === 'undo' || state.phase === 'release'
    ? refuse('a run that is undoing or ending cannot be paused')
    : accept(message);
}

function notWaiting(state: RunState, what: string): string {
  if (state.waiting?.kind === 'decision')
    return `the run does not wait for ${what}; it waits for a decision about ${state.waiting.item.id}`;
  if (state.waiting?.kind === 'approval')
    return `the run does not wait for ${what}; it waits for the approval of plan ${shortDigest(state.waiting.digest)}`;
  if (state.approval && what === 'an approval')
    return `the run does not wait for ${what}; ${state.approval.by} approved it already`;
  return `the run does not wait for ${what}; it is in phase ${state.phase}`;
}
