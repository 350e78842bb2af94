/** Asks a person to decide about one item, and waits for the answer. */
import type { ItemRef } from '../../model/event.ts';
import type { Run } from './run.ts';

export interface Decision {
  readonly action: 'retry' | 'waive';
  readonly by: string;
  readonly reason: string;
}

export interface Question {
  readonly item: ItemRef;
  readonly waivable: boolean;
  /** `not-possible`: it is done, and cannot be done again. */
  readonly retry?: 'not-possible';
}

/** Silence for the approval's time ends the run. */
export async function askDecision(run: Run, question: Question): Promise<Decision> {
  const { journal } = run;
  const timeoutMs = run.patienceMs(run.plan.window.approvalTimeoutMs);
  const expiresAt = new Date(Date.now() + timeoutMs).toISOString();
  journal.record({ kind: 'decision-asked', ...question, expiresAt });
  const asked = journal.state.seq;
  const answer = () => journal.events.slice(asked).find((event) => event.kind === 'decided');
  await run.awaitPerson('decision', timeoutMs, () => answer() !== undefined);
  const decided = answer();
  if (decided?.kind !== 'decided') throw new TypeError('a decision was recorded and is gone');
  return decided;
}
