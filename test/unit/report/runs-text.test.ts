/** The list of runs, whole. */
import { describe, expect, it } from 'vitest';
import { type RunLine, runsText } from '../../../src/report/runs-text.ts';

const RUN: RunLine = {
  workflowId: 'communication/demo',
  operation: 'run',
  outcome: null,
  closed: false,
  doing: 'waiting for approval',
  requestedBy: 'kim',
  startedAt: '2026-11-22T14:03:07.000Z',
  closedAt: null,
};

describe('a list of runs', () => {
  it('shows for each what became of it, when, how long and who asked', () => {
    const runs: RunLine[] = [
      RUN,
      { ...RUN, outcome: 'done', closed: true, doing: 'done', closedAt: '2026-11-22T14:03:49.000Z' },
      {
        ...RUN,
        workflowId: 'authz/demo',
        operation: 'reset',
        closed: true,
        doing: 'terminated',
        requestedBy: null,
        closedAt: '2026-11-22T14:04:00.000Z',
      },
    ];
    expect(runsText(runs, new Date('2026-11-22T14:10:00.000Z'))).toBe(
      [
        '   RUN                 OPERATION  STATUS                STARTED (UTC)        TOOK        ASKED BY',
        '▶  communication/demo  run        waiting for approval  2026-11-22 14:03:07  6 min 53 s  kim',
        '✓  communication/demo  run        done                  2026-11-22 14:03:07  42 s        kim',
        '✗  authz/demo          reset      terminated            2026-11-22 14:03:07  53 s        ?',
      ].join('\n'),
    );
  });

  it('says so where there is none', () => {
    expect(runsText([], new Date(0))).toBe('no runs');
  });
});
