/** What a person who was woken reads: whole once per situation, and never more than a screen. */
import { describe, expect, it } from 'vitest';
import { EMPTY_STATE, type ItemState, type RunState } from '../../../src/model/state.ts';
import type { UndoPreview } from '../../../src/model/undo.ts';
import { stateText } from '../../../src/report/state-text.ts';
import { PLAN, SCHEMA_MIGRATION } from './a-plan.ts';
import { aDoneRun, aRolledBackRun, aRunThatAsksForADecision, aRunThatAsksForApproval, DUMP_PROBLEM } from './a-run.ts';

const NOW = new Date('2026-11-22T14:10:00.000Z');
const UNDO: UndoPreview = {
  sentence: 'an abort would end the run; nothing has been changed yet, so nothing would be undone',
  steps: [],
};

describe('the state of a run as text', () => {
  it('shows what is approved, until when, and how, while an approval is waited for', async () => {
    const text = stateText(aRunThatAsksForApproval().state, PLAN, UNDO, NOW);
    await expect(`${text}\n`).toMatchFileSnapshot('golden/asks-for-approval.state.txt');
  });

  it('says who is kept away and how, where the run does it itself', () => {
    const drain = { kind: 'read-only', roles: ['app'], endAfterMs: 30_000, leaseMs: 30_000 } as const;
    const plan = { ...PLAN, target: { ...PLAN.target, drain } };
    const text = stateText(aRunThatAsksForApproval().state, plan, null, NOW);
    expect(text.replaceAll('\n  ', ' ')).toContain(
      'Traffic: app read-only; writes are refused, idle sessions ended; let go by itself 30 s after this run is last heard of.',
    );
  });

  it('shows what failed, why, and both ways on, while a decision is waited for', async () => {
    const text = stateText(aRunThatAsksForADecision().state, PLAN, UNDO, NOW);
    await expect(`${text}\n`).toMatchFileSnapshot('golden/asks-for-a-decision.state.txt');
  });

  it('shows how a run ended that was rolled back, with the proof', async () => {
    const text = stateText(aRolledBackRun().state, PLAN, null, NOW);
    await expect(`${text}\n`).toMatchFileSnapshot('golden/rolled-back.state.txt');
  });

  it('shows how a run ended that is done', async () => {
    const text = stateText(aDoneRun().state, PLAN, null, NOW);
    await expect(`${text}\n`).toMatchFileSnapshot('golden/done.state.txt');
  });

  it('says what cannot be known while no worker answers', () => {
    const text = stateText(aRunThatAsksForApproval().state, null, null, NOW, { notes: ['no worker answers'] });
    expect(text).toContain('\n! no worker answers\n');
    expect(text).toContain('\nWhat an abort would do now cannot be told while no worker answers.\n');
  });

  it('offers to go on while the run is paused, and no approval where none is asked for', () => {
    const state = {
      ...aDoneRun().state,
      outcome: null,
      endedAt: null,
      paused: { by: 'kim', reason: 'replica 2' },
    } as RunState;
    const text = stateText({ ...state, phase: 'execution' }, PLAN, UNDO, NOW);
    expect(text).toContain('Paused by kim: replica 2.');
    expect(text).toContain('drydock.ts resume communication/demo');
    expect(text).not.toContain('drydock.ts approve');
  });

  it('offers nothing that a run in its undo would refuse', () => {
    const state = { ...aRolledBackRun().state, outcome: null, endedAt: null, phase: 'undo' } as RunState;
    expect(stateText(state, PLAN, UNDO, NOW)).not.toContain('drydock.ts abort');
  });

  it('keeps to 40 lines of 100 columns, however much is found', () => {
    const text = stateText(aCrowdedState(), aLongPlan(), UNDO, NOW);
    const lines = text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(text).toContain('lines more in the report');
    expect(text).toContain('drydock.ts decide communication/demo check-0 waive');
  });
});

function aLongPlan(): typeof PLAN {
  const steps = Array.from({ length: 40 }, (_, index) => ({
    kind: 'apply' as const,
    id: `migrate-${index}`,
    title: `Apply ${index}`,
    migration: { ...SCHEMA_MIGRATION, version: String(index).padStart(3, '0'), name: 'a_migration_with_a_long_name' },
  }));
  return { ...PLAN, steps };
}

function aCrowdedState(): RunState {
  const failed = (index: number): ItemState => ({
    phase: 'checklist',
    id: `check-${index}`,
    title: `A check with a title that is as long as a sentence of a runbook may well be, number ${index}`,
    status: 'failed',
    attempts: 1,
    evidence: [],
    problem: DUMP_PROBLEM,
  });
  const items = Array.from({ length: 12 }, (_, index) => failed(index));
  return {
    ...EMPTY_STATE,
    ...aRunThatAsksForADecision().state,
    items,
    waiting: { kind: 'decision', item: items[0]!, waivable: true, expiresAt: '2026-11-22T18:03:07.945Z' },
  };
}
