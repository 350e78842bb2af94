/** `runs`: what has been run, newest first, as far back as Temporal remembers. */
import { type Command, Option } from 'commander';
import { type ListFilter, listRuns } from '../../client/list.ts';
import { runsText } from '../../report/runs-text.ts';
import type { ExitCode } from '../exit-codes.ts';
import { act, answer, type RunContext, withJson, withTemporal } from './run-context.ts';
import { wholeNumber } from './watch.ts';

interface RunsOptions {
  readonly runbook?: string;
  readonly target?: string;
  readonly open?: boolean;
  readonly closed?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

export function addRunsCommand(program: Command, context: RunContext): void {
  const command = program
    .command('runs')
    .description('List the runs that Temporal remembers, newest first.')
    .option('--target <name>', 'only those on this target')
    .addOption(new Option('--open', 'only those that are under way').conflicts('closed'))
    .option('--closed', 'only those that are over')
    .option('--limit <number>', 'how many at the most', wholeNumber, 20);
  if (context.runbook === undefined) command.option('--runbook <name>', 'only those of this runbook');
  withJson(command).action((options: RunsOptions) =>
    act(context, { name: 'runs', json: options.json }, () =>
      withTemporal<ExitCode>(context, async (link) => {
        const runs = await listRuns(link, filterOf(context, options));
        answer(context, options.json, runs, () => runsText(runs, new Date(), context.palette));
        return 0;
      }),
    ),
  );
}

function filterOf(context: RunContext, options: RunsOptions): ListFilter {
  const { target, open, closed, limit } = options;
  const runbook = context.runbook ?? options.runbook;
  return {
    limit,
    ...(runbook === undefined ? {} : { runbook }),
    ...(target === undefined ? {} : { target }),
    ...(open ? { status: 'open' as const } : {}),
    ...(closed ? { status: 'closed' as const } : {}),
  };
}
