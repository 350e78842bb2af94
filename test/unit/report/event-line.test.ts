/** Every event of a run in the words of the terminal, whole at least once; and that foreign text cannot do anything there. */
import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../../../src/model/event.ts';
import { eventLine } from '../../../src/report/event-line.ts';
import type { Palette } from '../../../src/report/palette.ts';
import { FINGERPRINT } from './a-plan.ts';
import { aDoneRun, aRolledBackRun } from './a-run.ts';

const at = '2026-11-22T14:03:07.000Z';
const say = (body: RunEventBody): string => eventLine({ seq: 1, at, ...body } as RunEvent);
const item = { phase: 'execution', id: 'migrate-001', title: 'Apply 001_schema' } as const;

describe('an event as terminal lines', () => {
  it('tells a run that was rolled back from its start to its end', async () => {
    const text = aRolledBackRun()
      .events.map((event) => eventLine(event))
      .join('\n');
    await expect(`${text}\n`).toMatchFileSnapshot('golden/rolled-back-run.events.txt');
  });

  it('says that a run is done, and what the schema is now', () => {
    const lines = aDoneRun()
      .events.slice(-5)
      .map((event) => eventLine(event));
    expect(lines).toEqual([
      '14:25:16   schema after: ffeec3d4e5f6 over 41 objects',
      '14:25:16 ▶ Let traffic back in',
      '14:25:16 ✓ Let traffic back in: nothing was held (9 ms)',
      '14:25:16   hold released: nothing was held',
      '14:25:16 ✓ done: 2 migrations done, 2 validations passed, traffic let back in',
    ]);
  });

  it.each<[RunEventBody, string]>([
    [{ kind: 'rejected', by: 'kim', reason: 'not tonight' }, '14:03:07   rejected by kim: not tonight'],
    [{ kind: 'paused', by: 'kim', reason: '' }, '14:03:07   paused by kim'],
    [{ kind: 'resumed', by: 'kim', reason: 'fine' }, '14:03:07   resumed by kim: fine'],
    [{ kind: 'abort-asked', by: 'kim', reason: 'errors' }, '14:03:07 ! abort asked by kim: errors'],
    [{ kind: 'cancel-asked' }, '14:03:07 ! the workflow was cancelled through Temporal'],
    [{ kind: 'approval-void', because: 'files changed' }, '14:03:07 ! the approval is void: files changed'],
    [
      { kind: 'expired', waitedFor: 'approval', waitedMs: 14_400_000 },
      '14:03:07 ! nobody answered: waited 4 h for an approval',
    ],
    [
      { kind: 'item-skipped', item, reason: 'an undo before it failed' },
      '14:03:07 - Apply 001_schema: skipped, an undo before it failed',
    ],
    [
      { kind: 'decision-asked', item, waivable: false, expiresAt: at },
      '14:03:07 ? waiting for a decision about migrate-001 until 2026-11-22 14:03:07 UTC: retry (it cannot be waived)',
    ],
    [
      { kind: 'standing-still', because: 'replica a is 7 s behind', evidence: [] },
      '14:03:07 ! standing still before the next step: replica a is 7 s behind',
    ],
    [
      { kind: 'standing-still', because: 'the undo waits until this is mended: no room', evidence: [], during: 'undo' },
      '14:03:07 ! standing still: the undo waits until this is mended: no room',
    ],
    [{ kind: 'report-written', files: ['a.md', 'a.html'] }, '14:03:07   report written: a.md, a.html'],
    [{ kind: 'report-written', files: [] }, '14:03:07   the report could not be written; the state holds the same'],
    [
      {
        kind: 'verified',
        before: FINGERPRINT,
        after: `ff${FINGERPRINT.slice(2)}`,
        differences: ['table app.notes is there'],
      },
      '14:03:07 ≠ the schema is not as it was before the run: a1b2c3d4e5f6 ≠ ffb2c3d4e5f6\n           table app.notes is there',
    ],
    [
      {
        kind: 'finished',
        outcome: 'aborted',
        sentence: 'aborted by kim: errors; nothing was changed',
        next: 'start it again',
      },
      '14:03:07 ! aborted: aborted by kim: errors; nothing was changed\n           next: start it again',
    ],
  ])('has words for %o', (body, text) => {
    expect(say(body)).toBe(text);
  });

  it('does not let the text of a person move the cursor or turn the writing round', () => {
    expect(say({ kind: 'rejected', by: 'kim', reason: 'no\u001b[2J\u202e\nway\tout' })).toBe(
      '14:03:07   rejected by kim: no�[2J� / way  out',
    );
  });

  it('emphasises by the palette that it is given, and by none otherwise', () => {
    const style = (number: number) => (text: string) => `\u001b[${number}m${text}\u001b[0m`;
    const palette: Palette = {
      bold: style(1),
      dim: style(2),
      red: style(31),
      green: style(32),
      yellow: style(33),
    };
    const event = { seq: 1, at, kind: 'item-passed', item, summary: 'applied', evidence: [], durationMs: 20 } as const;
    expect(eventLine(event, palette)).toBe(
      '\u001b[2m14:03:07\u001b[0m \u001b[32m✓\u001b[0m Apply 001_schema: applied \u001b[2m(20 ms)\u001b[0m',
    );
  });
});
