/**
 * How wide each stretch of a run is drawn. A wait of hours for a person would leave nothing to see of steps of milliseconds:
 * waiting and draining are drawn shortened where they outweigh the work, and said to be.
 */
import type { Stretch } from './timeline.ts';

/** A stretch with its place, as parts of 1 of the whole drawing. */
export interface DrawnStretch extends Stretch {
  readonly start: number;
  readonly width: number;
  readonly shortened: boolean;
}

// A shortened stretch is drawn as long as this part of all the work together.
const SHORTENED_TO = 0.5;

export function drawStretches(stretches: readonly Stretch[]): readonly DrawnStretch[] {
  const workMs = stretches.filter((one) => !mayBeShortened(one)).reduce((sum, one) => sum + lengthMs(one), 0);
  const mostMs = Math.max(workMs, 1) * SHORTENED_TO;
  const drawnMs = stretches.map((one) => (mayBeShortened(one) ? Math.min(lengthMs(one), mostMs) : lengthMs(one)));
  const wholeMs = Math.max(
    1,
    drawnMs.reduce((sum, one) => sum + one, 0),
  );
  let startMs = 0;
  return stretches.map((stretch, index) => {
    const widthMs = drawnMs[index] ?? 0;
    const drawn = { start: startMs / wholeMs, width: widthMs / wholeMs, shortened: widthMs < lengthMs(stretch) };
    startMs += widthMs;
    return { ...stretch, ...drawn };
  });
}

export function lengthMs(stretch: Pick<Stretch, 'startMs' | 'endMs'>): number {
  return stretch.endMs - stretch.startMs;
}

function mayBeShortened(stretch: Stretch): boolean {
  return stretch.kind === 'waiting' || stretch.phase === 'window';
}
