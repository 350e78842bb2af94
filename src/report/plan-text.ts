/** A plan for the terminal: everything that its digest stands for, in the order in which it would happen. */
import { assertNever } from '../model/assert-never.ts';
import { planSentence } from '../model/brief.ts';
import { clientWaitWords } from '../model/client-wait.ts';
import { formatDuration } from '../model/duration.ts';
import { impactSentences } from '../model/impact.ts';
import { type Plan, type PlannedStep, shortDigest } from '../model/plan.ts';
import { mannerWords } from '../model/step-manner.ts';
import { migrationName } from '../model/undo.ts';
import { afterFailedUndo } from './after-failed-undo.ts';
import { lockWords, sizesOnce, workWords } from './effects-text.ts';
import { holdLines } from './hold-lines.ts';
import { type Palette, PLAIN } from './palette.ts';
import { oneLine, printableValue } from './printable.ts';
import { wrap } from './wrap.ts';

const STEP_INDENT = ' '.repeat(8);

/** Lines joined by `\n`. Checksums are shown with twelve digits; `--json` has them whole. */
export function planText(given: Plan, palette: Palette = PLAIN): string {
  const plan = printableValue(given);
  const sizeOf = sizesOnce(plan.touched ?? []);
  return [
    palette.bold(`${plan.operation} ${plan.runbook.name} on ${plan.target.name} (${plan.target.environment})`),
    ...[planSentence(plan), ...impactSentences(plan)].flatMap((one) => wrap(oneLine(one), { first: '', rest: '' })),
    '',
    ...identityLines(plan),
    ...placeholderLines(plan),
    '',
    'Checklist',
    ...plan.checklist.map(({ title, waivable }) => `  ${oneLine(title)}${waivable ? ' (may be waived)' : ''}`),
    '',
    'Window',
    ...windowLines(plan),
    '',
    'Steps',
    ...plan.steps.flatMap((step, index) => [...stepLines(step, index + 1, palette), ...lookedAt(step, plan, sizeOf)]),
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

function placeholderLines({ placeholders }: Plan): string[] {
  if (placeholders === undefined) return [];
  const values = Object.entries(placeholders).map(([name, value]) => `  \${${oneLine(name)}} = ${oneLine(value)}`);
  return ['', 'Placeholders', ...(values.length > 0 ? values : ['  none has a value'])];
}

function windowLines({ window, target, clientWait }: Plan): string[] {
  return [
    `  approval within ${formatDuration(window.approvalTimeoutMs)}`,
    `  ${formatDuration(window.drainMs)} of proven quiet, given up after ${formatDuration(window.drainTimeoutMs)}`,
    ...holdLines(target).map((line) => `  ${oneLine(line)}`),
    ...(clientWait ? [`  ${oneLine(clientWaitWords(clientWait, window.drainMs))}`] : []),
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

/** What a migration locks, reads and writes, and how it is carried out; no line where nobody could notice. */
function lookedAt(step: PlannedStep, { manners, limits }: Plan, sizeOf: (table: string) => string): string[] {
  const impact = 'impact' in step ? step.impact : undefined;
  const manner = manners?.find((one) => one.step === step.id);
  const words = [
    ...(impact ? [...lockWords(impact, sizeOf), ...workWords(impact)] : []),
    ...(manner && limits ? mannerWords(manner, limits) : []),
  ];
  return words.length === 0 ? [] : wrap(oneLine(words.join(' · ')), { first: STEP_INDENT, rest: STEP_INDENT });
}

/** `15.18` of `150018`. */
export function serverVersion(serverVersionNumber: number): string {
  return `${Math.floor(serverVersionNumber / 10_000)}.${serverVersionNumber % 10_000}`;
}
