/** The first page: who asked, who approved and why, when, how it ended; and which database it really was. */
import { formatDuration } from '../../model/duration.ts';
import type { RunEvent } from '../../model/event.ts';
import { shortDigest } from '../../model/plan.ts';
import type { RunState } from '../../model/state.ts';
import { type Block, type Cell, cell, code, type Section } from '../document.ts';
import { elapsedMs, instant } from '../instant.ts';
import { serverVersion } from '../plan-text.ts';
import type { ReportInput } from '../report-document.ts';
import { heldMs } from '../timeline.ts';

type Fact = readonly [name: string, value: Cell];

export function summarySection({ state, events, plan }: ReportInput): Section {
  const took = elapsedMs(state.startedAt, state.endedAt);
  const rows: Fact[] = [
    ['Runbook', cell(plan ? `${plan.runbook.name}: ${plan.runbook.title}` : state.runbook)],
    ['Operation', cell(state.operation)],
    ['Asked for by', cell(`${state.requestedBy}, ${instant(state.startedAt)}`)],
    ['Approved by', approvedBy(state)],
    ['Ended', cell(state.endedAt ? `${instant(state.endedAt)}, after ${formatDuration(took ?? 0)}` : 'not yet')],
    ['Hold', cell(holdText(events))],
    ['Workflow', code(`${state.workflowId} (run ${state.runId})`)],
  ];
  const blocks: Block[] = [{ kind: 'facts', rows: [...rows, ...stopFacts(state)] }];
  return { title: 'Summary', blocks };
}

function holdText(events: readonly RunEvent[]): string {
  const held = heldMs(events);
  const taken = events.find((event) => event.kind === 'hold-taken');
  return held === null || !taken ? 'none was taken' : `${formatDuration(held)}: ${taken.how}`;
}

function approvedBy(state: RunState): Cell {
  if (!state.approval) return cell('nobody', 'quiet');
  const { by, reason, digest, at } = state.approval;
  return cell(`${by}, ${instant(at)}, plan ${shortDigest(digest)}${reason ? `: ${reason}` : ''}`);
}

function stopFacts(state: RunState): Fact[] {
  const facts: Fact[] = [];
  if (state.stop) facts.push(['Stopped', cell(`${state.stop.kind} by ${state.stop.by}: ${state.stop.reason}`, 'warn')]);
  const { problem } = state;
  if (problem) {
    facts.push(['Problem', cell(`${problem.code}: ${problem.message}`, 'bad')]);
    if (problem.found) facts.push(['Found', cell(problem.found)]);
    if (problem.expected) facts.push(['Expected', cell(problem.expected)]);
    if (problem.resolution) facts.push(['The runbook says', cell(problem.resolution)]);
  }
  if (state.next) facts.push(['Next', cell(state.next)]);
  return facts;
}

export function targetSection({ state, plan }: ReportInput): Section {
  const rows: Fact[] = [
    ['Target', cell(state.target)],
    ['Environment', cell(state.environment ?? 'unknown')],
    ['Database', cell(state.database ?? 'unknown')],
  ];
  if (plan) {
    const { identity, target, ledger } = plan;
    rows.push(
      ['Role', cell(identity.user)],
      ['Server version', cell(serverVersion(identity.serverVersion))],
      ['System identifier', code(identity.systemIdentifier ?? 'the role may not ask')],
      ['Timeline', cell(identity.timeline === null ? 'the role may not ask' : String(identity.timeline))],
      ['Connection', cell(`${target.urlSource}, on the worker`)],
      ['Replicas expected', cell(String(target.replicas.expected))],
      ['Applied before', cell(ledger.applied.map(({ version }) => version).join(' ') || 'none')],
    );
    if (ledger.unfinished) rows.push(['Stopped half way before', cell(ledger.unfinished, 'warn')]);
  }
  return { title: 'Target', blocks: [{ kind: 'facts', rows }] };
}
