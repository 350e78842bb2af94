/** A plan for the terminal: everything that its digest stands for, in the order in which it would happen. */
import { assertNever } from '../model/assert-never.ts';
import { planSentence } from '../model/brief.ts';
import { formatDuration } from '../model/duration.ts';
import { impactSentences } from '../model/impact.ts';
import { type Plan, type PlannedStep, shortDigest } from '../model/plan.ts';
import { migrationName } from '../model/undo.ts';
import { afterFailedUndo } from './after-failed-undo.ts';
import { type Palette, PLAIN } from './palette.ts';
import { oneLine, printableValue } from './printable.ts';
import { wrap } from './wrap.ts';

/** Lines joined by `\n`. Checksums are shown with twelve digits; `--json` has them whole. */
export function planText(given: Plan, palette: Palette = PLAIN): string {
  const plan = printableValue(given);
  return [
    palette.bold(`${plan.operation} ${plan.runbook.name} on ${plan.target.name} (${plan.target.environment})`),
    ...[planSentence(plan), ...impactSentences(plan)].flatMap((one) => wrap(oneLine(one), { first: '', rest: '' })),
    '',
    ...identityLines(plan),
    '',
    'Checklist',
    ...plan.checklist.map(({ title, waivable }) => `  ${oneLine(title)}${waivable ? ' (may be waived)' : ''}`),
    '',
    'Window',
    ...windowLines(plan),
    '',
    'Steps',
    ...plan.steps.flatMap((step, index) => stepLines(step, index + 1, palette)),
    ...(plan.validation.length > 0
      ? ['', 'Validation', ...plan.validation.map(({ title }) => `  ${oneLine(title)}`)]
      : []),
    '',
    `Plan digest ${plan.digest}`,
  ].join('\n');
}

function identityLines(plan: Plan): string[] {
  const { identity, target, ledger } = plan;
  const system = identity.systemIdentifier ? `, system ${identity.systemIdentifier}` : '';
  const applied = ledger.applied.map(({ version }) => version).join(' ') || 'none';
  return [
    `Database   ${identity.database} as ${identity.user}, server ${serverVersion(identity.serverVersion)}${system}`,
    `Connection ${oneLine(target.urlSource)}, on the worker`,
    `Applied    ${applied}${ledger.unfinished ? `; ${ledger.unfinished} stopped half way` : ''} (${ledger.schema}.schema_migrations)`,
  ];
}

function windowLines({ window, target }: Plan): string[] {
  return [
    `  approval within ${formatDuration(window.approvalTimeoutMs)}`,
    `  ${formatDuration(window.drainMs)} of proven quiet, given up after ${formatDuration(window.drainTimeoutMs)}`,
    `  should an undo fail, ${afterFailedUndo(target)}`,
  ];
}

function stepLines(step: PlannedStep, number: number, palette: Palette): string[] {
  const place = `  ${String(number).padStart(2)}. `;
  switch (step.kind) {
    case 'status':
      return [`${place}${oneLine(step.title)}`];
    case 'apply':
    case 'revert': {
      const checksum = step.kind === 'apply' ? step.migration.upChecksum : step.migration.downChecksum;
      const verb = step.kind === 'apply' ? 'apply ' : 'revert';
      return [`${place}${verb} ${migrationName(step.migration)} ${palette.dim(shortDigest(checksum))}`];
    }
    case 'seed':
      return [
        `${place}seed   ${oneLine(step.title)} ${palette.dim(`${step.module} ${shortDigest(step.moduleDigest)}`)}`,
      ];
    default:
      return assertNever(step);
  }
}

/** `15.18` of `150018`. */
export function serverVersion(serverVersionNumber: number): string {
  return `${Math.floor(serverVersionNumber / 10_000)}.${serverVersionNumber % 10_000}`;
}
