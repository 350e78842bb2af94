/** `run`: starts a runbook on a target and, unless told otherwise, watches it to its end. */
import { type Command, Option } from 'commander';
import { type StartedRun, type StartInput, startRun } from '../../client/start.ts';
import type { Operation } from '../../model/plan.ts';
import type { ExitCode } from '../exit-codes.ts';
import { follow } from './follow.ts';
import { act, answer, type RunContext, taskQueueOf, whoAsks, withJson, withTemporal } from './run-context.ts';

interface RunOptions {
  readonly target: string;
  readonly operation: Operation;
  readonly drain?: string;
  readonly drainTimeout?: string;
  readonly approvalTimeout?: string;
  readonly detach?: boolean;
  readonly confirm?: string;
  readonly by?: string;
  readonly json?: boolean;
}

export function addRunCommand(program: Command, context: RunContext): void {
  const { runbook } = context;
  const command = program
    .command(runbook === undefined ? 'run <runbook>' : 'run')
    .description('Start a run on a target, and watch it.')
    .requiredOption('--target <name>', 'where: a target of drydock.yaml')
    .addOption(
      new Option('--operation <what>', 'what is done with the migrations')
        .choices(['run', 'rollback', 'reset'])
        .default('run'),
    )
    .option('--drain <duration>', 'how long it has to be quiet before anything is changed, such as 5m')
    .option('--drain-timeout <duration>', 'how long to wait for that quiet')
    .option('--approval-timeout <duration>', 'how long to wait for a person, such as 4h')
    .option('--watch', 'print the run as it happens, to its end (the default)')
    .option('--detach', 'only start it')
    .option('--confirm <target>', 'for a reset in production: the name of the target once more')
    .option('--by <name>', 'who asks; default: the user of the system')
    .addHelpText('after', EXIT_CODES);
  withJson(command).action((...given: unknown[]) => {
    const [name, options] = runbook === undefined ? given : [runbook, given[0]];
    const { json } = options as RunOptions;
    return act(context, { name: 'run', json }, () => start(context, name as string, options as RunOptions));
  });
}

const EXIT_CODES = `
Exit codes: 0 done, up to date, or started with --detach; 1 failed, aborted, cancelled or rolled back;
2 refused, rejected, or not approved in time (nothing was changed); 3 left with Ctrl-C, the run goes on.`;

async function start(context: RunContext, runbook: string, options: RunOptions): Promise<ExitCode> {
  const { operation, target, confirm } = options;
  const { checkBeforeStart } = await import('./run-checks.ts');
  await checkBeforeStart(context.root, { operation, runbook, target, confirm });
  const input = inputOf(runbook, whoAsks(context, options.by), options);
  return withTemporal(context, async (link) => {
    const started = await startRun(link, { operation, input, taskQueue: taskQueueOf(context) });
    if (options.detach) {
      answer(context, options.json, started, () => startedText(context, started));
      return 0;
    }
    if (options.json) context.write(`${JSON.stringify({ kind: 'started', ...started })}\n`);
    return follow(context, link, started, { json: options.json ?? false });
  });
}

function inputOf(runbook: string, requestedBy: string, options: RunOptions): StartInput {
  const { target, drain, drainTimeout, approvalTimeout } = options;
  return {
    runbook,
    target,
    requestedBy,
    ...(options.confirm === undefined ? {} : { confirm: options.confirm }),
    ...(drain === undefined ? {} : { drain }),
    ...(drainTimeout === undefined ? {} : { drainTimeout }),
    ...(approvalTimeout === undefined ? {} : { approvalTimeout }),
  };
}

function startedText({ cli }: RunContext, { workflowId, workflowType, runId }: StartedRun): string {
  return [
    `started ${workflowType} ${workflowId}, run ${runId}`,
    `watch it:    ${cli} watch ${workflowId}`,
    `look at it:  ${cli} state ${workflowId}`,
  ].join('\n');
}
