/** The results of validations for a terminal: a line each, and under those that failed what was measured and what to do. */
import type { CheckOutcome } from '../../model/outcome.ts';
import { type Palette, PLAIN } from '../palette.ts';
import { problemLines } from '../problem-text.ts';

/** One validation and what it found. */
export interface VerifiedItem {
  readonly id: string;
  readonly title: string;
  readonly outcome: CheckOutcome;
}

/** Without a line break at its end. */
export function verifyText(items: readonly VerifiedItem[], palette: Palette = PLAIN): string {
  const failed = items.filter(({ outcome }) => outcome.status === 'failed').length;
  const summary = failed === 0 ? `all ${items.length} checks passed` : `${failed} of ${items.length} checks failed`;
  return [...items.flatMap((item) => itemLines(item, palette)), '', summary].join('\n');
}

function itemLines({ id, title, outcome }: VerifiedItem, palette: Palette): string[] {
  if (outcome.status === 'passed') return [`${palette.green('✓')} ${title} [${id}]: ${outcome.summary}`];
  // The first line of a problem says what stands here already.
  const why = outcome.problem ? problemLines(outcome.problem, palette).slice(1) : [];
  return [`${palette.red('✗')} ${title} [${id}]: ${outcome.summary}`, ...why.map((line) => `  ${line}`)];
}
