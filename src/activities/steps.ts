/** Turns what the layers below did into the outcomes a history holds: one line, evidence, duration. */
import type { Evidence, SavedRows, StepOutcome } from '../model/outcome.ts';
import type { Problem } from '../model/problem.ts';

export interface Told {
  readonly summary: string;
  readonly evidence?: readonly Evidence[];
  readonly saved?: readonly SavedRows[];
  readonly deviation?: Problem;
}

/** Times the work and completes its outcome. */
export async function timed(work: () => Promise<Told>): Promise<StepOutcome> {
  const startedAt = Date.now();
  const { summary, evidence = [], saved = [], deviation } = await work();
  return {
    summary,
    evidence,
    durationMs: Date.now() - startedAt,
    ...(saved.length > 0 ? { saved } : {}),
    ...(deviation ? { deviation } : {}),
  };
}
