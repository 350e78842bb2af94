/** What a check is given, and what it gives back. The port that every file of this folder fits into. */
import type { CheckOutcome } from '../model/outcome.ts';
import type { CheckSpec, Runbook, WindowPolicy } from '../model/runbook.ts';
import type { SecretRef } from '../model/secret-ref.ts';
import type { TargetView } from '../model/target.ts';
import type { Clock } from '../postgres/clock.ts';
import type { AskConsumers } from './consumers/answer.ts';

/** Everything a check may use. It reads no environment, prints nothing and knows no Temporal. */
export interface CheckContext {
  /** A secret: never put into an outcome. */
  readonly url: string;
  readonly target: TargetView;
  readonly runbook: Runbook;
  /** The secret behind a reference of the target. Left out: this caller has none, and what needs one says so. */
  readonly secret?: (ref: SecretRef) => Promise<string>;
  /** Asks consumers what they do. Left out: this caller cannot reach them, and the evidence says so. */
  readonly askConsumers?: AskConsumers;
  /** The checkout: migrations and relative archive patterns are found below it. */
  readonly root: string;
  /** The window that holds for this run. Default: the runbook's with the target's overrides. */
  readonly window?: WindowPolicy;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
  /** The time of day that ages are measured against. Default: that of this machine. */
  readonly now?: () => Date;
  /** Ends the check early, with `interrupted`. */
  readonly signal?: AbortSignal;
  /** One line now and then while something takes long. */
  readonly onProgress?: (line: string) => void;
}

/**
 * A check of one kind. What it looks at being wrong is a value, with the evidence; it throws a ProblemError where it
 * could not look at all (connection lost, rights missing for the question itself).
 */
export type Check<K extends CheckSpec['kind'] = CheckSpec['kind']> = (
  context: CheckContext,
  spec: Extract<CheckSpec, { readonly kind: K }>,
) => Promise<CheckOutcome>;

/** The window of the runbook with the target's overrides. */
export function windowOf({ window, runbook, target }: CheckContext): WindowPolicy {
  return window ?? { ...runbook.window, ...target.window };
}
