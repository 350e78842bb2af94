/** The report that a DBA signs: whole in each format for a run that has everything, and harmless whatever it is made of. */
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/model/event.ts';
import { foldEvents } from '../../../src/model/state.ts';
import { afterFailedUndo } from '../../../src/report/after-failed-undo.ts';
import { planText } from '../../../src/report/plan-text.ts';
import { renderReport } from '../../../src/report/report.ts';
import { PLAN } from './a-plan.ts';
import { aDoneRun, aRolledBackRun, aRunThatAsksForApproval } from './a-run.ts';

const ROLLED_BACK = { ...aRolledBackRun(), plan: PLAN };

describe('a report', () => {
  it('is told in Markdown', async () => {
    await expect(renderReport(ROLLED_BACK, 'markdown')).toMatchFileSnapshot('golden/rolled-back.report.md.txt');
  });

  it('is told in HTML that needs nothing from elsewhere', async () => {
    const page = renderReport(ROLLED_BACK, 'html');
    await expect(page).toMatchFileSnapshot('golden/rolled-back.report.html.txt');
    expect(page).not.toMatch(/(src|href)=|url\(|@import|<script/);
  });

  it('holds its own values as JSON', () => {
    const { state, events, plan } = ROLLED_BACK;
    expect(JSON.parse(renderReport(ROLLED_BACK, 'json'))).toEqual(
      JSON.parse(JSON.stringify({ schema: 1, state, plan, events })),
    );
  });

  it('says of a run that is done that its schema changed, as it should', () => {
    const text = renderReport({ ...aDoneRun(), plan: PLAN }, 'markdown');
    expect(text).toContain('**done**: 2 migrations done, 2 validations passed, traffic let back in.');
    expect(text).toContain('| **Equal** | no, as it should be: the run changed the schema |');
    expect(text).not.toContain('## Undo');
  });

  it('can be made of a run that is under way', () => {
    const text = renderReport({ ...aRunThatAsksForApproval(), plan: PLAN }, 'markdown');
    expect(text).toContain('**under way**: The run is not over; this is how it stands. It is in phase window.');
    expect(text).toContain('| **Approved by** | nobody |');
  });

  it('says how long clients may wait, as the plan does', () => {
    const clientWait = { pooler: 'edge', setting: 'query_wait_timeout', limitMs: 120_000, workMs: 4_000 };
    const plan = { ...PLAN, clientWait };
    const said =
      'clients may wait 2 min at edge (query_wait_timeout), 1 min 51 s more than the quiet and about 4 s of work, as rehearsed without rows';
    expect(planText(plan)).toContain(`\n  ${said}\n`);
    expect(renderReport({ ...aDoneRun(), plan }, 'html')).toContain(said);
  });

  it('says so where events and plan could not be read', () => {
    const { state } = aRolledBackRun();
    const text = renderReport({ state, events: [], plan: null }, 'markdown');
    expect(text).toContain('They could not be read: no worker answered.');
    expect(text).toContain(`Plan ${PLAN.digest}; the plan itself could not be read.`);
    expect(text).toContain('| approve by sam refused:');
  });

  it('says that no fingerprint was taken where the run ended before', () => {
    const events: readonly RunEvent[] = aRunThatAsksForApproval().events;
    const text = renderReport({ state: foldEvents(events), events, plan: null }, 'markdown');
    expect(text).toContain('None was taken: the run ended before anything was changed.');
  });

  it.each([
    ['markdown', 'a &lt;img src=x onerror=alert(1)&gt; \\| b<br>c \\*d\\* \\_e\\_ \\`f\\` \\[g\\](h)'],
    ['html', 'a &lt;img src=x onerror=alert(1)&gt; | b\nc *d* _e_ `f` [g](h)'],
  ] as const)('shows what people wrote as they wrote it, and acts on nothing of it, in %s', (format, expected) => {
    const { state, events } = aRolledBackRun();
    const next = 'a <img src=x onerror=alert(1)> | b\nc *d* _e_ `f` [g](h)';
    expect(renderReport({ state: { ...state, next }, events, plan: PLAN }, format)).toContain(expected);
  });
});

const READ_ONLY = { kind: 'read-only', roles: [], endAfterMs: 30_000, leaseMs: 30_000 } as const;

describe('a plan as text', () => {
  it('shows everything that its digest stands for', async () => {
    await expect(`${planText(PLAN)}\n`).toMatchFileSnapshot('golden/plan.txt');
  });

  it.each([
    ['hold', { kind: 'observe' }, 'whoever drained decides about traffic: the run holds none'],
    ['hold', READ_ONLY, 'traffic stays held, 1 h at the most'],
    ['release', READ_ONLY, 'traffic is let back in'],
  ] as const)('says what becomes of traffic after a failed undo: %s, %o', (onUndoFailed, drain, words) => {
    const target = { ...PLAN.target, onUndoFailed, drain };
    expect(afterFailedUndo(target)).toBe(words);
    expect(planText({ ...PLAN, target })).toContain(`\n  should an undo fail, ${words}\n`);
  });

  it('shows what is reverted, and a migration that stopped half way', () => {
    const [, apply] = PLAN.steps;
    if (apply?.kind !== 'apply') throw new TypeError('the plan has changed');
    const steps = [{ ...apply, kind: 'revert' as const }];
    const ledger = { schema: 'communication', applied: [{ version: '001', upChecksum: 'x' }], unfinished: '002' };
    const text = planText({ ...PLAN, operation: 'rollback', steps, ledger });
    expect(text).toContain('\n   1. revert 001_schema 222222222222\n');
    expect(text).toContain('Applied    001; 002 stopped half way (communication.schema_migrations)');
  });
});
