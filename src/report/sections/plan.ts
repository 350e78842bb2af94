/** What was approved: digest, files with both checksums, seeds with theirs, and the window. */
import { clientWaitWords } from '../../model/client-wait.ts';
import { formatDuration } from '../../model/duration.ts';
import { impactSentences } from '../../model/impact.ts';
import type { Plan } from '../../model/plan.ts';
import { migrationName } from '../../model/undo.ts';
import { afterFailedUndo } from '../after-failed-undo.ts';
import { type Block, type Cell, cell, code, paragraph, type Section } from '../document.ts';
import type { ReportInput } from '../report-document.ts';

export function planSection({ plan, state }: ReportInput): Section {
  if (!plan) {
    const text = state.planDigest
      ? `Plan ${state.planDigest}; the plan itself could not be read.`
      : 'No plan was made.';
    return { title: 'Plan', blocks: [paragraph(text, 'quiet')] };
  }
  return { title: 'Plan', blocks: [digests(plan), ...migrations(plan), ...seeds(plan)] };
}

function digests(plan: Plan): Block {
  const { window, target, clientWait } = plan;
  return {
    kind: 'facts',
    rows: [
      ['Plan digest', code(plan.digest)],
      ['Runbook digest', code(plan.runbook.digest)],
      [
        'Drain',
        cell(
          `${formatDuration(window.drainMs)} of proven quiet, given up after ${formatDuration(window.drainTimeoutMs)}`,
        ),
      ],
      ...(clientWait ? [['Clients', cell(clientWaitWords(clientWait, window.drainMs))] satisfies [string, Cell]] : []),
      ['Approval within', cell(formatDuration(window.approvalTimeoutMs))],
      ['Should an undo fail', cell(afterFailedUndo(target))],
      ...impactSentences(plan).map((sentence, index): [string, Cell] => [
        index === 0 ? 'Locks' : 'Rows',
        cell(sentence),
      ]),
    ],
  };
}

function migrations(plan: Plan): Block[] {
  const rows: Cell[][] = plan.steps.flatMap((step) =>
    step.kind === 'apply' || step.kind === 'revert'
      ? [
          [
            cell(step.kind),
            code(migrationName(step.migration)),
            code(step.migration.upChecksum, 'quiet'),
            code(step.migration.downChecksum, 'quiet'),
          ],
        ]
      : [],
  );
  return rows.length === 0
    ? []
    : [{ kind: 'table', head: ['', 'Migration', 'Up file, sha256', 'Down file, sha256'], rows }];
}

function seeds(plan: Plan): Block[] {
  const rows: Cell[][] = plan.steps.flatMap((step) =>
    step.kind === 'seed' ? [[cell(step.title), code(step.module), code(step.moduleDigest, 'quiet')]] : [],
  );
  return rows.length === 0 ? [] : [{ kind: 'table', head: ['Seed', 'File', 'sha256'], rows }];
}
