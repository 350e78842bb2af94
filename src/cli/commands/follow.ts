/** Prints a run as it happens, until it ends or the reader leaves; the run itself goes on either way. */
import type { TemporalLink } from '../../client/connect.ts';
import { readNotes, watchNote } from '../../client/notes.ts';
import type { RunRead } from '../../client/read.ts';
import type { RunAddress } from '../../client/run-description.ts';
import { type WatchItem, watchRun } from '../../client/watch.ts';
import { hintLines } from '../../report/hint-lines.ts';
import { showEvent } from '../../report/live-events.ts';
import { type LineWriter, lineWriter } from '../../report/live-lines.ts';
import { stateText } from '../../report/state-text.ts';
import type { ExitCode } from '../exit-codes.ts';
import { listenForInterrupts } from '../interrupts.ts';
import type { RunContext } from './run-context.ts';
import { EXIT_PENDING, exitCodeOfOutcome } from './run-exit-codes.ts';

export interface FollowOptions {
  /** JSON lines: `{"kind":"event","event":…}` and `{"kind":"note",…}`. */
  readonly json: boolean;
  /** Events up to this number are not printed. Default 0. */
  readonly after?: number;
}

/** @returns the exit code: that of the run's outcome, or 3 where the reader left before. */
export async function follow(
  context: RunContext,
  link: TemporalLink,
  run: RunAddress,
  options: FollowOptions,
): Promise<ExitCode> {
  const leaving = listenForInterrupts(() => {});
  const printer = options.json ? jsonPrinter(context) : textPrinter(context, run.workflowId);
  try {
    const watching = watchRun(link, run, { after: options.after ?? 0, signal: leaving.signal });
    let step = await watching.next();
    while (!step.done) {
      printer.item(step.value);
      step = await watching.next();
    }
    if (leaving.signal.aborted && step.value.state.outcome === null) {
      printer.left();
      return EXIT_PENDING;
    }
    printer.end(step.value);
    return exitCodeOfOutcome(step.value.state.outcome);
  } finally {
    leaving.stop();
  }
}

interface Printer {
  item(item: WatchItem): void;
  left(): void;
  end(read: RunRead): void;
}

function jsonPrinter({ write }: RunContext): Printer {
  const print = (line: string): void => write(`${line}\n`);
  return {
    item: (item) => print(JSON.stringify(item)),
    left: () => print(JSON.stringify({ kind: 'note', note: 'left', pending: [] })),
    end: ({ state, source }) =>
      print(JSON.stringify({ kind: 'end', outcome: state.outcome, sentence: state.sentence, source })),
  };
}

function textPrinter(context: RunContext, workflowId: string): Printer {
  const { palette, cli } = context;
  const lines = lineWriter(context.write, context.terminal, context.columns);
  let unseen = false;
  return {
    item: (item) => {
      if (item.kind === 'event') return printEvent(lines, context, item.event, workflowId);
      unseen ||= item.note === 'events-lost';
      lines.lasting(palette.yellow(`! ${watchNote(item)}`));
    },
    left: () => {
      lines.end();
      context.warn(`the run goes on without you; watch it again with: ${cli} watch ${workflowId}`);
    },
    end: (read) => {
      lines.end();
      // Whoever saw every event knows how it ended.
      if (unseen)
        lines.lasting(
          stateText(read.state, read.plan, read.undo, new Date(), { palette, cli, notes: readNotes(read) }),
        );
    },
  };
}

function printEvent(
  lines: LineWriter,
  context: RunContext,
  event: Extract<WatchItem, { kind: 'event' }>['event'],
  workflowId: string,
): void {
  showEvent(lines, event, context);
  const { palette, cli } = context;
  for (const line of hintLines(event, workflowId, { cli, palette })) lines.lasting(line);
}
