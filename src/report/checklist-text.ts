/** A checklist for a terminal: each item with what was measured against which limit, and under a failed one what to do. */
import type { CheckOutcome } from '../model/outcome.ts';
import { evidenceText } from './evidence-text.ts';
import { type Palette, PLAIN } from './palette.ts';
import { problemLines } from './problem-text.ts';

export interface ChecklistText {
  /** `communication on the target production (environment production)`. */
  readonly of: string;
  readonly items: readonly {
    readonly id: string;
    readonly title: string;
    readonly waivable: boolean;
    readonly outcome: CheckOutcome;
  }[];
  /** Items of the checklist that were not looked at. */
  readonly leftOut: number;
}

type Item = ChecklistText['items'][number];

/** Without a line break at its end. */
export function checklistText({ of, items, leftOut }: ChecklistText, palette: Palette = PLAIN): string {
  const lines = items.flatMap((item) => itemLines(item, palette));
  return [`checklist of ${of}`, '', ...lines, '', summaryOf(items, leftOut)].join('\n');
}

function itemLines({ id, title, outcome }: Item, palette: Palette): string[] {
  const mark = outcome.status === 'passed' ? palette.green('✓') : palette.red('✗');
  const evidence = outcome.evidence.map((one) => `    ${evidenceText(one)}`);
  // The first line of a problem says what stands here already.
  const why = outcome.problem ? problemLines(outcome.problem, palette).slice(1) : [];
  return [`${mark} ${title} [${id}]: ${outcome.summary}`, ...evidence, ...why.map((line) => `  ${line}`)];
}

function summaryOf(items: readonly Item[], leftOut: number): string {
  const failed = items.filter(({ outcome }) => outcome.status === 'failed');
  const left = leftOut === 0 ? '' : `; ${leftOut} not looked at`;
  if (failed.length === 0) return `all ${items.length} items passed${left}`;
  const names = failed.map(({ id, waivable }) => (waivable ? `${id} (may be waived in a run)` : id));
  return `${failed.length} of ${items.length} items failed: ${names.join(', ')}${left}`;
}
