/**
 * Whether a migration does more on the target than it did in its rehearsal. Pure; it knows neither database nor run. Locks that
 * are in nobody's way do not count: on empty tables no foreign key looks for rows.
 */
import { formatDuration } from './duration.ts';
import type { Observed } from './observed.ts';
import type { Problem } from './problem.ts';
import type { RehearsedPass } from './rehearsal.ts';
import type { DeviationPolicy } from './runbook.ts';
import { blockedBy, compareLockModes } from './statement-effects.ts';

/** A sentence for each stronger lock and each rewrite that the rehearsal did not show; none where either is unknown. */
export function deviations(live: Observed | null, rehearsed: Observed | null): readonly string[] {
  if (!live || !rehearsed) return [];
  const modes = new Map(rehearsed.locks.map(({ table, mode }) => [table, mode]));
  const locks = live.locks.flatMap(({ table, mode }) => {
    const known = modes.get(table);
    const isStronger = known === undefined || compareLockModes(mode, known) > 0;
    if (!isStronger || blockedBy(mode) === 'nothing') return [];
    return [`${table}: ${mode} (blocks ${blockedBy(mode)}), rehearsed ${known ?? 'without a lock'}`];
  });
  const rewrites = live.rewritten
    .filter((name) => !rehearsed.rewritten.includes(name))
    .map((name) => `${name}: written anew, which it was not in the rehearsal`);
  return [...locks, ...rewrites];
}

/** From how many milliseconds on a step takes much longer than its rehearsal. */
export function slowAfterMs(rehearsed: Pick<RehearsedPass, 'durationMs'>, policy: DeviationPolicy): number {
  return Math.max(policy.durationFloorMs, policy.durationFactor * rehearsed.durationMs);
}

/** `name` is `007_recipients`; `takenAt` of the rehearsal. */
export function deviationProblem(name: string, lines: readonly string[], takenAt: string): Problem {
  return {
    code: 'rehearsal-deviation',
    message: `${name} does more than its rehearsal did, and that was taken back before it was committed`,
    found: lines.join('\n'),
    expected: `what the rehearsal of ${takenAt} showed`,
    next: 'decide about this step: waive it with a reason to let it do so, retry it, or abort the run',
    retry: 'stop',
  };
}

export function slowProblem(name: string, tookMs: number, rehearsed: RehearsedPass, limitMs: number): Problem {
  return {
    code: 'rehearsal-deviation',
    message: `${name} is done, and took much longer than its rehearsal`,
    found: `${formatDuration(tookMs)}, rehearsed ${formatDuration(rehearsed.durationMs)}`,
    expected: `no more than ${formatDuration(limitMs)}`,
    next: 'decide about this step: waive it with a reason to go on with the next one, or abort the run',
    retry: 'stop',
  };
}
