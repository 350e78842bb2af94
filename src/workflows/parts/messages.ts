/**
 * Signals, updates and queries of a run. A signal that is refused shows in the state; an update that is refused says so
 * to its sender and leaves no trace. Both run through one judgement.
 */
import { ApplicationFailure, defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { judgeMessage } from '../../model/approval.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Phase } from '../../model/event.ts';
import { MESSAGE_NAMES, type Message, type MessageName, messageExample, parseMessage } from '../../model/messages.ts';
import { type Parsed, readObject } from '../../model/parse.ts';
import { shortDigest } from '../../model/plan.ts';
import type { Journal } from './journal.ts';

/** What the messages may set in motion beyond the record. */
export interface Steering {
  /** Ends the work that is under way, so that the undo can begin. */
  readonly stopWork: () => void;
}

const DESCRIPTIONS: Readonly<Record<MessageName, string>> = {
  approve: 'Approve the drain window of the plan that waits',
  reject: 'Reject the plan that waits; the run ends with nothing changed',
  pause: 'Hold before the next step',
  resume: 'Go on after a pause',
  abort: 'End the run and undo what it did',
  decide: 'Retry or waive a failed checklist item, or a step that does more than its rehearsal did',
};

/** Installs every handler. Called first thing, so that no message meets a run that cannot hear. */
export function listen(journal: Journal, steering: Steering): void {
  for (const name of MESSAGE_NAMES) {
    const description = `${DESCRIPTIONS[name]}. Input: ${messageExample(name)}`;
    setHandler(defineSignal<[unknown]>(name), (input) => handleSignal(name, input, journal, steering), { description });
    setHandler(defineUpdate<string, [unknown]>(name), (input) => handleUpdate(name, input, journal, steering), {
      description,
      validator: (input) => {
        read(name, input, journal);
      },
    });
  }
  setHandler(defineQuery<unknown>('state'), () => journal.state, { description: 'Everything about the run, folded' });
  setHandler(defineQuery<unknown>('plan'), () => journal.plan, { description: 'What was, or will be, approved' });
  setHandler(defineQuery<unknown>('undo'), () => journal.undo(), { description: 'What an abort would do now' });
  setHandler(defineQuery<unknown, [unknown?]>('events'), (input?: unknown) => eventsAfter(journal, input), {
    description: 'Events in order; {"after": 12} gives those after number 12',
  });
}

function eventsAfter(journal: Journal, input: unknown): Journal['events'] {
  const object = readObject(input ?? {}, '{"after": 12}');
  const after = object.ok && typeof object.value.after === 'number' ? object.value.after : 0;
  return journal.events.slice(Math.max(0, after));
}

function handleSignal(name: MessageName, input: unknown, journal: Journal, steering: Steering): void {
  const judged = judge(name, input, journal);
  if (judged.ok) {
    act(judged.value, journal, steering);
    return;
  }
  journal.record({ kind: 'message-refused', message: name, by: senderOf(input), reason: judged.reason });
}

function handleUpdate(name: MessageName, input: unknown, journal: Journal, steering: Steering): string {
  return act(read(name, input, journal), journal, steering);
}

function judge(name: MessageName, input: unknown, journal: Journal): Parsed<Message> {
  const message = parseMessage(name, input);
  return message.ok ? judgeMessage(message.value, journal.state) : message;
}

function read(name: MessageName, input: unknown, journal: Journal): Message {
  const judged = judge(name, input, journal);
  if (!judged.ok) throw ApplicationFailure.nonRetryable(`${name} refused: ${judged.reason}`, 'MessageRefused');
  return judged.value;
}

function senderOf(input: unknown): string {
  const object = readObject(input, '');
  return object.ok && typeof object.value.by === 'string' ? object.value.by.slice(0, 100) : 'unknown';
}

/** Does what an accepted message asks for; gives the one line that answers its sender. */
function act(message: Message, journal: Journal, steering: Steering): string {
  const { by, reason } = message;
  switch (message.name) {
    case 'approve': {
      const digest = journal.plan?.digest ?? message.plan;
      journal.record({ kind: 'approved', by, reason, digest });
      const drain = formatDuration(journal.plan?.window.drainMs ?? 0);
      return `plan ${shortDigest(digest)} approved by ${by}; next: the checks are taken again, then ${drain} of quiet are proven`;
    }
    case 'reject':
      journal.record({ kind: 'rejected', by, reason });
      return `rejected by ${by}; next: the run ends with nothing changed`;
    case 'pause':
      journal.record({ kind: 'paused', by, reason });
      return `paused by ${by}; next: the step at work ends, then the run waits for resume`;
    case 'resume':
      journal.record({ kind: 'resumed', by, reason });
      return `resumed by ${by}; next: the run goes on`;
    case 'abort': {
      const { sentence, steps } = journal.undo();
      journal.record({ kind: 'abort-asked', by, reason });
      steering.stopWork();
      const then =
        steps.length === 0 ? 'the run ends with nothing changed' : sentence.replace('an abort would', 'the run will');
      return `abort asked by ${by}; next: ${then}`;
    }
    case 'decide':
      return decide(message, journal);
  }
}

function decide(message: Extract<Message, { name: 'decide' }>, journal: Journal): string {
  const { by, reason, action } = message;
  const waiting = journal.state.waiting;
  if (waiting?.kind !== 'decision') return 'nothing to decide; next: look at the state';
  journal.record({ kind: 'decided', item: waiting.item, action, by, reason });
  const then = consequence(action, waiting.item.phase);
  return `${action} of ${waiting.item.id} by ${by}; next: ${then}`;
}

function consequence(action: 'retry' | 'waive', phase: Phase): string {
  if (phase === 'execution')
    return action === 'retry' ? 'it is tried again' : 'the run goes on, and the report names you';
  return action === 'retry' ? 'it is checked again' : 'the run goes on without it, and the report names you';
}
