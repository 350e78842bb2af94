/** When what happened, out of events alone; and how a wait of hours leaves room to see the work. */
import { describe, expect, it } from 'vitest';
import { heldMs, spansOf, stretchesOf } from '../../../src/report/timeline.ts';
import { drawStretches, lengthMs } from '../../../src/report/timeline-scale.ts';
import { aRolledBackRun, aRunThatAsksForApproval } from './a-run.ts';

const EVENTS = aRolledBackRun().events;

describe('the timeline of a run', () => {
  it('is a span per start of an item and per wait, without overlap', () => {
    const spans = spansOf(EVENTS);
    for (const [index, span] of spans.entries()) {
      expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
      expect(span.startMs).toBeGreaterThanOrEqual(spans[index - 1]?.endMs ?? 0);
    }
    expect(spans.filter(({ id }) => id === 'dump-archives').map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      'item waived',
      'decision waited',
      'item waived',
    ]);
    expect(spans.find(({ id }) => id === 'smoke')?.result).toBe('failed');
  });

  it('says of a wait that goes on that it is open', () => {
    expect(spansOf(aRunThatAsksForApproval().events).at(-1)).toMatchObject({ kind: 'approval', result: 'open' });
  });

  it('puts neighbours of one phase together, and a phase that comes again apart', () => {
    expect(stretchesOf(spansOf(EVENTS)).map(({ label }) => label)).toEqual([
      'Load',
      'Checklist',
      'Waiting for a decision',
      'Waiting for approval',
      'Checklist',
      'Drain',
      'Execution',
      'Validation',
      'Undo',
      'Release',
    ]);
  });

  it('draws waiting shorter than it was where it outweighs the work, and work always to scale', () => {
    const drawn = drawStretches(stretchesOf(spansOf(EVENTS)));
    expect(drawn.filter(({ shortened }) => shortened).map(({ label }) => label)).toEqual([
      'Waiting for a decision',
      'Waiting for approval',
      'Drain',
    ]);
    const [load, , , , , , execution] = drawn;
    expect(execution!.width / load!.width).toBeCloseTo(lengthMs(execution!) / lengthMs(load!));
    expect(drawn.at(-1)!.start + drawn.at(-1)!.width).toBeCloseTo(1);
  });

  it('counts how long traffic was held, and knows when it never was', () => {
    expect(heldMs(EVENTS)).toBe(6259);
    expect(heldMs(aRunThatAsksForApproval().events)).toBeNull();
  });
});
