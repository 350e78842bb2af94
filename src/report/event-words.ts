/** What an event says in one sentence: of all events but those of items and of a run's end, which have lines of their own. */
import { assertNever } from '../model/assert-never.ts';
import { formatDuration } from '../model/duration.ts';
import type { RunEvent } from '../model/event.ts';
import { savedRowsText } from '../model/outcome.ts';
import { shortDigest } from '../model/plan.ts';
import { instant } from './instant.ts';

type Kind<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

/** Events that ask something of a person. */
export type AskingEvent = Kind<'decision-asked' | 'approval-asked'>;

/** Events that somebody should look at. */
export type WarningEvent = Kind<
  | 'message-refused'
  | 'approval-void'
  | 'expired'
  | 'abort-asked'
  | 'cancel-asked'
  | 'undo-started'
  | 'rows-saved'
  | 'standing-still'
  | 'hold-kept'
  | 'notification-failed'
>;

/** Events that only tell. */
export type TellingEvent = Kind<
  | 'run-started'
  | 'plan-made'
  | 'claimed'
  | 'decided'
  | 'approved'
  | 'rejected'
  | 'paused'
  | 'resumed'
  | 'hold-taken'
  | 'hold-released'
  | 'moving-on'
  | 'fingerprint-before'
  | 'fingerprint-after'
  | 'report-written'
>;

export function askingWords(event: AskingEvent): string {
  const until = instant(event.expiresAt);
  if (event.kind === 'approval-asked')
    return `waiting for the approval of plan ${shortDigest(event.digest)} until ${until}`;
  if (event.retry === 'not-possible')
    return `waiting for a decision about ${event.item.id} until ${until}: waive or abort`;
  const choice = event.waivable ? 'retry or waive' : 'retry (it cannot be waived)';
  return `waiting for a decision about ${event.item.id} until ${until}: ${choice}`;
}

const WAITED_FOR = { approval: 'an approval', decision: 'a decision', resume: 'a resume' } as const;

export function warningWords(event: WarningEvent): string {
  switch (event.kind) {
    case 'message-refused':
      return `${event.message} by ${event.by} refused: ${event.reason}`;
    case 'approval-void':
      return `the approval is void: ${event.because}`;
    case 'expired':
      return `nobody answered: waited ${formatDuration(event.waitedMs)} for ${WAITED_FOR[event.waitedFor]}`;
    case 'abort-asked':
      return `abort asked by ${event.by}${because(event.reason)}`;
    case 'cancel-asked':
      return 'the workflow was cancelled through Temporal';
    case 'rows-saved':
      return `rows dropped, saved: ${savedRowsText(event.saved)}`;
    case 'standing-still':
      return event.during === 'undo'
        ? `standing still: ${event.because}`
        : `standing still before the next step: ${event.because}`;
    case 'hold-kept':
      return `traffic stays away until ${instant(event.until)}: ${event.how}`;
    case 'notification-failed':
      return `${event.notifier} could not be told (${event.turn}): ${event.problem.message}`;
    case 'undo-started':
      return `undoing ${count(event.steps.length, 'step')}: ${event.because}`;
    default:
      return assertNever(event);
  }
}

export function tellingWords(event: TellingEvent): string {
  switch (event.kind) {
    case 'run-started':
      return `${event.operation} ${event.runbook} on ${event.target}, asked for by ${event.requestedBy} (${event.at.slice(0, 10)}, times in UTC); workflow ${event.workflowId}`;
    case 'plan-made':
      return `plan ${shortDigest(event.digest)}: ${count(event.migrations, 'migration')} on database ${event.database} (${event.environment}), after ${formatDuration(event.drainMs)} of quiet`;
    case 'claimed':
      return `the database is claimed for this run, number ${event.token}`;
    case 'decided':
      return `${event.action} of ${event.item.id} decided by ${event.by}${because(event.reason)}`;
    case 'approved':
      return `plan ${shortDigest(event.digest)} approved by ${event.by}${because(event.reason)}`;
    case 'rejected':
    case 'paused':
    case 'resumed':
      return `${event.kind} by ${event.by}${because(event.reason)}`;
    case 'hold-taken':
      return `hold taken: ${event.how}`;
    case 'hold-released':
      return `hold released: ${event.how}`;
    case 'moving-on':
      return `going on after ${formatDuration(event.waitedMs)}`;
    case 'fingerprint-before':
      return `schema before: ${shortDigest(event.digest)} over ${count(event.objects, 'object')}`;
    case 'fingerprint-after':
      return `schema after: ${shortDigest(event.digest)} over ${count(event.objects, 'object')}`;
    case 'report-written':
      return event.files.length > 0
        ? `report written: ${event.files.join(', ')}`
        : 'the report could not be written; the state holds the same';
    default:
      return assertNever(event);
  }
}

function because(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
