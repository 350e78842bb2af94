/** `watch`: a run's events as they come, from its first one to its end. */
import { type Command, InvalidArgumentError } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { follow } from './follow.ts';
import { act, RUN_HELP, type RunContext, wantedRun, withJson, withTemporal } from './run-context.ts';

interface WatchOptions {
  readonly json?: boolean;
  readonly after: number;
}

export function addWatchCommand(program: Command, context: RunContext): void {
  const command = program
    .command('watch')
    .description('Print a run as it happens; Ctrl-C leaves it going.')
    .argument('[run]', RUN_HELP)
    .option('--after <number>', 'leave out the events up to this number', wholeNumber, 0)
    .addHelpText('after', EXIT_CODES);
  withJson(command).action((run: string | undefined, { json = false, after }: WatchOptions) =>
    act(context, { name: 'watch', json }, () =>
      withTemporal<ExitCode>(context, async (link) => {
        const { workflowId, runId } = await wantedRun(context, link, run);
        return follow(context, link, { workflowId, runId }, { json, after });
      }),
    ),
  );
}

const EXIT_CODES = `
With --json: one JSON document a line.
Exit codes: 0 done or up to date; 1 failed, aborted, cancelled or rolled back; 2 rejected or not approved in time;
3 left before its end.`;

/** For options that count. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}
