import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../../../src/model/event.ts';
import type { Notifier } from '../../../src/model/notification.ts';
import { EMPTY_STATE, foldEvents } from '../../../src/model/state.ts';
import { messageFor, notifiersOf, turnOf } from '../../../src/model/turns.ts';
import { FINGERPRINT, PLAN, PLAN_DIGEST } from '../report/a-plan.ts';
import { aDoneRun, aRolledBackRun } from '../report/a-run.ts';

const CLI = 'drydock';
const AT = '2026-11-22T14:03:07.000Z';
const LATER = '2026-11-22T18:03:07.000Z';

/** The texts of all turns of a run told by hand, each behind its turn. */
function told(events: readonly RunEvent[]): string[] {
  return events.flatMap((event, index) => {
    const state = foldEvents(events.slice(0, index + 1));
    const message = messageFor({ event, state, plan: PLAN, cli: CLI });
    return message ? [`${message.turn} | ${message.text}`] : [];
  });
}

/** What is told of one event, in a state that has nothing else in it. */
function textOf(body: RunEventBody, state = {}): string | undefined {
  const event: RunEvent = { seq: 1, at: AT, ...body };
  const names = { runbook: 'communication', target: 'demo', environment: 'demo', workflowId: 'communication/demo' };
  return messageFor({ event, state: { ...EMPTY_STATE, ...names, ...state }, plan: PLAN, cli: CLI })?.text;
}

const STEP = { phase: 'execution', id: 'migrate-002', title: 'Apply 002_channels' } as const;

describe('what people are told', () => {
  it('of a run that fails and is undone', () => {
    expect(told(aRolledBackRun().events)).toMatchInlineSnapshot(`
      [
        "decision-asked | run communication on demo (demo): a decision is asked for about "A logical backup can be read to its end": no dump archive of the target is there. It waits 4 h, until 2026-11-22 18:03 UTC. Try it again: \`drydock decide communication/demo dump-archives retry\`. Go on without it: \`drydock decide communication/demo dump-archives waive --reason 'WHY'\`. End the run: \`drydock abort communication/demo --reason 'WHY'\`.",
        "approval-asked | run communication on demo (demo): approval is asked for. Plan 3f9c2a71b0de on database app: after 5 s of proven quiet, apply 2 migrations, seed 1 set of rows, run 2 validations. It waits 4 h, until 2026-11-22 18:04 UTC. Approve: \`drydock approve communication/demo --plan 3f9c2a71b0de\`. Reject: \`drydock reject communication/demo --reason 'WHY'\`.",
        "approved | run communication on demo (demo): plan 3f9c2a71b0de is approved by dba-on-call: window agreed. The checks are taken again, then traffic is held and 5 s of quiet proven.",
        "draining | run communication on demo (demo): the drain window is open: someone else drains. Plan 3f9c2a71b0de on database app: after 5 s of proven quiet, apply 2 migrations, seed 1 set of rows, run 2 validations. End it: \`drydock abort communication/demo --reason 'WHY'\`.",
        "step-failed | run communication on demo (demo): "A sample message reaches an unread inbox" failed: validation-failed: the unread inbox of the sample reader is empty. What was done is undone, unless a person is asked.",
        "compensated | run communication on demo (demo): everything was undone, and the schema is proven to be as before (a1b2c3d4e5f6).",
        "released | run communication on demo (demo): traffic may come back: nothing was held.",
        "not-done | run communication on demo (demo): rolled-back: validation-failed: the unread inbox of the sample reader is empty; everything was undone, the schema is as before. Next: pnpm tsx src/cli/communication-migrate.ts verify --url $URL.",
      ]
    `);
  });

  it('of a run that is done', () => {
    expect(told(aDoneRun().events)).toMatchInlineSnapshot(`
      [
        "decision-asked | run communication on demo (demo): a decision is asked for about "A logical backup can be read to its end": no dump archive of the target is there. It waits 4 h, until 2026-11-22 18:03 UTC. Try it again: \`drydock decide communication/demo dump-archives retry\`. Go on without it: \`drydock decide communication/demo dump-archives waive --reason 'WHY'\`. End the run: \`drydock abort communication/demo --reason 'WHY'\`.",
        "approval-asked | run communication on demo (demo): approval is asked for. Plan 3f9c2a71b0de on database app: after 5 s of proven quiet, apply 2 migrations, seed 1 set of rows, run 2 validations. It waits 4 h, until 2026-11-22 18:04 UTC. Approve: \`drydock approve communication/demo --plan 3f9c2a71b0de\`. Reject: \`drydock reject communication/demo --reason 'WHY'\`.",
        "approved | run communication on demo (demo): plan 3f9c2a71b0de is approved by dba-on-call: window agreed. The checks are taken again, then traffic is held and 5 s of quiet proven.",
        "draining | run communication on demo (demo): the drain window is open: someone else drains. Plan 3f9c2a71b0de on database app: after 5 s of proven quiet, apply 2 migrations, seed 1 set of rows, run 2 validations. End it: \`drydock abort communication/demo --reason 'WHY'\`.",
        "released | run communication on demo (demo): traffic may come back: nothing was held.",
        "done | run communication on demo (demo): done: 2 migrations done, 2 validations passed, traffic let back in.",
      ]
    `);
  });

  it('is a message with its turn, its run and its time', () => {
    const event: RunEvent = {
      seq: 1,
      at: AT,
      kind: 'standing-still',
      because: 'replica a is 7 s behind',
      evidence: [],
    };
    const state = { ...EMPTY_STATE, runbook: 'small', target: 'x', workflowId: 'small/x', runId: 'r' };
    expect(messageFor({ event, state, plan: null })).toEqual({
      turn: 'standing-still',
      runbook: 'small',
      target: 'x',
      environment: null,
      workflowId: 'small/x',
      runId: 'r',
      at: AT,
      text: "run small on x: it stands still before its next step: replica a is 7 s behind. It goes on by itself. End it: `pnpm tsx src/cli/drydock.ts abort small/x --reason 'WHY'`.",
    });
  });

  it('of an undo that waits asks for a person', () => {
    const because = 'the undo waits until this is mended: disk-full: no room';
    expect(textOf({ kind: 'standing-still', because, evidence: [], during: 'undo' }, {})).toBe(
      'run communication on demo (demo): it stands still: the undo waits until this is mended: disk-full: no room. A person is needed; then it goes on by itself.',
    );
  });

  it('of a step that is done and does more than its rehearsal did', () => {
    expect(
      textOf(
        { kind: 'decision-asked', item: STEP, waivable: true, retry: 'not-possible', expiresAt: LATER },
        {
          items: [
            {
              ...STEP,
              status: 'passed',
              attempts: 1,
              evidence: [],
              problem: { code: 'x', message: 'it took more locks', retry: 'stop' },
            },
          ],
        },
      ),
    ).toBe(
      'run communication on demo (demo): a decision is asked for about "Apply 002_channels": it took more locks. It waits 4 h, until 2026-11-22 18:03 UTC. ' +
        "Accept it and go on: `drydock decide communication/demo migrate-002 waive --reason 'WHY'`. End the run: `drydock abort communication/demo --reason 'WHY'`.",
    );
  });

  it('of an undo that failed and traffic that is kept away', () => {
    expect(
      textOf(
        {
          kind: 'finished',
          outcome: 'undo-failed',
          sentence: 'it broke; and the undo did not end well',
          next: 'mend it',
        },
        { heldUntil: LATER },
      ),
    ).toBe(
      'run communication on demo (demo): undo-failed: it broke; and the undo did not end well. Traffic stays away until 2026-11-22 18:03 UTC: `drydock release --target demo` lets it back in. Next: mend it.',
    );
  });

  it('is one line, whatever people write', () => {
    const reason = `well\n\u0007then ${'x'.repeat(3_000)}`;
    const text = textOf({ kind: 'approved', by: 'kim', reason, digest: PLAN_DIGEST });
    expect(text).toMatch(/^run communication on demo \(demo\): plan 3f9c2a71b0de is approved by kim: well then x+…$/);
    expect(text).toHaveLength(2_000);
  });
});

describe('a turn', () => {
  const item = (phase: 'checklist' | 'window' | 'release') => ({ phase, id: 'a', title: 'A' });
  const problem = { code: 'x', message: 'y', retry: 'stop' } as const;
  const turn = (body: RunEventBody) => turnOf({ seq: 1, at: AT, ...body });

  it('is a failed step of the window or after it, not one of the checklist, which becomes a question', () => {
    const failed = (phase: 'checklist' | 'window' | 'release') =>
      turn({ kind: 'item-failed', item: item(phase), problem, evidence: [] });
    expect([failed('checklist'), failed('window'), failed('release')]).toEqual([
      undefined,
      'step-failed',
      'step-failed',
    ]);
  });

  it('is an undo only where the schema is proven to be as before', () => {
    const verified = (after: string) => turn({ kind: 'verified', before: FINGERPRINT, after, differences: [] });
    expect([verified(FINGERPRINT), verified(PLAN_DIGEST)]).toEqual(['compensated', undefined]);
  });

  it('is an end that is good or not', () => {
    const ends = (['done', 'up-to-date', 'rejected', 'rolled-back'] as const).map((outcome) =>
      turn({ kind: 'finished', outcome, sentence: '' }),
    );
    expect(ends).toEqual(['done', 'done', 'not-done', 'not-done']);
  });

  it('is told to all, or to those who asked for it', () => {
    const all: Notifier = { name: 'all', kind: 'command', run: ['a'] };
    const some: Notifier = { name: 'some', kind: 'command', run: ['a'], on: ['done', 'not-done'] };
    expect(notifiersOf([all, some], 'done')).toEqual([all, some]);
    expect(notifiersOf([all, some], 'approved')).toEqual([all]);
    expect(notifiersOf(undefined, 'done')).toEqual([]);
  });
});
