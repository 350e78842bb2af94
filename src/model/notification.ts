/** Who is told about a run, at which of its turns. */
import type { SecretRef } from './secret-ref.ts';

export const TURNS = [
  'approval-asked',
  'decision-asked',
  'approved',
  'draining',
  'standing-still',
  'paused',
  'step-failed',
  'compensated',
  'released',
  'done',
  'not-done',
] as const;

export type Turn = (typeof TURNS)[number];

/** Closed: a new kind is a member here, a schema member and a file in `src/notify`. */
export type Notifier = {
  /** Unique in its target. */
  readonly name: string;
  /** Default: all. */
  readonly on?: readonly Turn[];
} & (
  | {
      /** A POST of JSON that Slack and what is compatible with it take. */
      readonly kind: 'webhook';
      readonly url: SecretRef;
      /** JSON with `{{text}}`, `{{runbook}}`, `{{target}}`, `{{turn}}` and so on; default `{"text": "{{text}}"}`. */
      readonly template?: string;
    }
  /** A program with its arguments; the message comes as JSON on its standard input. */
  | { readonly kind: 'command'; readonly run: readonly string[] }
);

/** What is told. JSON-safe, without secrets. */
export interface NotificationMessage {
  readonly turn: Turn;
  readonly runbook: string;
  readonly target: string;
  readonly environment: string | null;
  readonly workflowId: string;
  readonly runId: string;
  /** One line for a person, with the command that answers it where there is one. */
  readonly text: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
}
