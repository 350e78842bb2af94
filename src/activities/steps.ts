/** Turns what the layers below did into the outcomes a history holds: one line, evidence, duration. */
import type { Evidence, StepOutcome } from '../model/outcome.ts';

export interface Told {
  readonly summary: string;
  readonly evidence?: readonly Evidence[];
}

/** Times the work and completes its outcome. */
export async function timed(work: () => Promise<Told>): Promise<StepOutcome> {
  const startedAt = Date.now();
  const { summary, evidence = [] } = await work();
  return { summary, evidence, durationMs: Date.now() - startedAt };
}
