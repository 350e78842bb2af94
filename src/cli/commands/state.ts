/** `state`: the ten-second view of a run, also while no worker answers. */
import type { Command } from 'commander';
import { readNotes } from '../../client/notes.ts';
import { type RunRead, readRun } from '../../client/read.ts';
import { stateText } from '../../report/state-text.ts';
import type { ExitCode } from '../exit-codes.ts';
import { act, answer, RUN_HELP, type RunContext, wantedRun, withJson, withTemporal } from './run-context.ts';

export function addStateCommand(program: Command, context: RunContext): void {
  const command = program
    .command('state')
    .description('What a run waits for, what it found, what an abort would do, and the commands to steer it.')
    .argument('[run]', RUN_HELP);
  withJson(command).action((run: string | undefined, { json }: { readonly json?: boolean }) =>
    act(context, { name: 'state', json }, () =>
      withTemporal<ExitCode>(context, async (link) => {
        const read = await readRun(link, await wantedRun(context, link, run));
        answer(context, json, asJson(read), () => asText(context, read));
        return 0;
      }),
    ),
  );
}

/** The state as the query gives it, with where it comes from. */
function asJson({ state, undo, source, run }: RunRead): object {
  const { status, closed, pending, workflowType } = run;
  return { source, workflowType, status, closed, pending, state, undo };
}

function asText({ palette, cli }: RunContext, read: RunRead): string {
  return stateText(read.state, read.plan, read.undo, new Date(), { palette, cli, notes: readNotes(read) });
}
