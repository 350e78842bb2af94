/**
 * One event of a run as terminal lines: time, mark, text, and for a failure all that is known of it. It decides words and
 * nothing else; what it prints is true of each event alone.
 */
import { statusMark } from '../model/brief.ts';
import { formatDuration } from '../model/duration.ts';
import type { RunEvent } from '../model/event.ts';
import { shortDigest } from '../model/plan.ts';
import { askingWords, tellingWords, warningWords } from './event-words.ts';
import { evidenceText } from './evidence-text.ts';
import { clockTime } from './instant.ts';
import { outcomeMark, outcomeTone } from './outcome-words.ts';
import { type Palette, PLAIN } from './palette.ts';
import { oneLine, printableValue } from './printable.ts';
import { problemLines, unsaid } from './problem-text.ts';

/** Where the text of an event begins: behind time and mark. */
export const EVENT_INDENT = ' '.repeat('14:03:07 ✓ '.length);

/** Lines joined by `\n`, none at the end. The time is UTC, without a date: the first event of a run says the date. */
export function eventLine(event: RunEvent, palette: Palette = PLAIN): string {
  // Before any emphasis is added: that is made of control characters too.
  const { mark, text, details = [] } = describe(printableValue(event), palette);
  const first = `${palette.dim(clockTime(event.at))} ${mark} ${text}`;
  return [first, ...details.map((line) => EVENT_INDENT + line)].join('\n');
}

interface Line {
  readonly mark: string;
  readonly text: string;
  readonly details?: readonly string[];
}

type Kind<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

function describe(event: RunEvent, palette: Palette): Line {
  switch (event.kind) {
    case 'item-started':
      return { mark: palette.dim(statusMark('running')), text: oneLine(event.item.title) };
    case 'item-passed':
      return passed(event, palette);
    case 'item-failed': {
      const evidence = event.evidence.map((one) => palette.dim(evidenceText(one)));
      const details = [...problemLines(event.problem, palette), ...evidence];
      return { mark: palette.red(statusMark('failed')), text: palette.bold(oneLine(event.item.title)), details };
    }
    case 'item-waived': {
      const text = oneLine(`${event.item.title}: waived by ${event.by}: ${event.reason}`);
      return { mark: palette.yellow(statusMark('waived')), text };
    }
    case 'item-skipped':
      return { mark: statusMark('skipped'), text: oneLine(`${event.item.title}: skipped, ${event.reason}`) };
    case 'decision-asked':
    case 'approval-asked':
      return { mark: palette.yellow('?'), text: palette.bold(oneLine(askingWords(event))) };
    case 'message-refused':
    case 'approval-void':
    case 'expired':
    case 'abort-asked':
    case 'cancel-asked':
    case 'undo-started':
    case 'rows-saved':
    case 'standing-still':
    case 'hold-kept':
    case 'notification-failed':
      return { mark: palette.yellow('!'), text: oneLine(warningWords(event)) };
    case 'verified':
      return verified(event, palette);
    case 'finished':
      return finished(event, palette);
    default:
      return { mark: ' ', text: oneLine(tellingWords(event)) };
  }
}

/** What passed is one line; its evidence is in the state and the report. */
function passed({ item, summary, durationMs }: Kind<'item-passed'>, palette: Palette): Line {
  const took = palette.dim(`(${formatDuration(durationMs)})`);
  const text = `${oneLine(summary ? `${item.title}: ${summary}` : item.title)} ${took}`;
  return { mark: palette.green(statusMark('passed')), text };
}

function verified({ before, after, differences }: Kind<'verified'>, palette: Palette): Line {
  const [first, second] = [shortDigest(before), shortDigest(after)];
  if (before === after)
    return { mark: palette.green('='), text: `the schema is as it was before the run: ${first} = ${second}` };
  return {
    mark: palette.red('≠'),
    text: palette.bold(`the schema is not as it was before the run: ${first} ≠ ${second}`),
    details: differences.map((line) => palette.dim(oneLine(line))),
  };
}

function finished({ outcome, sentence, problem, next }: Kind<'finished'>, palette: Palette): Line {
  const tone = { good: palette.green, warn: palette.yellow, bad: palette.red }[outcomeTone(outcome)];
  const details = [
    ...(problem ? unsaid(sentence, problem, palette) : []),
    // A problem's own next is the run's next in most cases: once is enough.
    ...(next && next !== problem?.next ? [`${palette.bold('next:')} ${oneLine(next)}`] : []),
  ];
  return { mark: tone(outcomeMark(outcome)), text: `${palette.bold(outcome)}: ${oneLine(sentence)}`, details };
}
