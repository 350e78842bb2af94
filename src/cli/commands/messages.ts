/** `approve`, `reject`, `pause`, `resume`, `abort`, `decide`: what a person says to a run, and the run's one line of answer. */
import { Argument, type Command } from 'commander';
import { type MessageBody, sendMessage } from '../../client/send.ts';
import type { MessageName } from '../../model/messages.ts';
import type { ExitCode } from '../exit-codes.ts';
import { act, answer, type RunContext, wantedRun, whoAsks, withJson, withTemporal } from './run-context.ts';
import { EXIT_PENDING } from './run-exit-codes.ts';

const RUN = '<run>';
const RUN_HELP = 'the target, or <runbook>/<target>';
const LEFT = `
Exit codes: 0 the run acted on it; 2 it was refused; 3 no worker answers, and Temporal keeps the message for when one does.`;

interface SayOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly plan?: string;
  readonly json?: boolean;
}

export function addApproveCommand(program: Command, context: RunContext): void {
  const command = program
    .command('approve')
    .description('Approve the drain window of exactly one plan.')
    .argument(RUN, RUN_HELP)
    .requiredOption('--plan <digest>', 'the digest of the plan that you have read, or its first 8 digits or more')
    .option('--reason <text>', 'why, for the record');
  finish(command, context, 'approve');
}

export function addRejectCommand(program: Command, context: RunContext): void {
  const command = program
    .command('reject')
    .description('Reject the plan that waits; the run ends with nothing changed.')
    .argument(RUN, RUN_HELP)
    .requiredOption('--reason <text>', 'why');
  finish(command, context, 'reject');
}

export function addPauseCommand(program: Command, context: RunContext): void {
  const command = program
    .command('pause')
    .description('Hold the run before its next step.')
    .argument(RUN, RUN_HELP)
    .option('--reason <text>', 'why');
  finish(command, context, 'pause');
}

export function addResumeCommand(program: Command, context: RunContext): void {
  const command = program
    .command('resume')
    .description('Go on after a pause.')
    .argument(RUN, RUN_HELP)
    .option('--reason <text>', 'why');
  finish(command, context, 'resume');
}

export function addAbortCommand(program: Command, context: RunContext): void {
  const command = program
    .command('abort')
    .description('End the run, and undo what it did.')
    .argument(RUN, RUN_HELP)
    .requiredOption('--reason <text>', 'why');
  finish(command, context, 'abort');
}

export function addDecideCommand(program: Command, context: RunContext): void {
  const command = program
    .command('decide')
    .description('Say what is to happen with a checklist item that failed.')
    .argument(RUN, RUN_HELP)
    .argument('<item>', 'the id of the item')
    .addArgument(new Argument('<action>', 'check it again, or go on without it').choices(['retry', 'waive']))
    .option('--reason <text>', 'why; needed to waive');
  shared(command).action((run: string, item: string, action: string, options: SayOptions) =>
    act(context, { name: 'decide', json: options.json }, () =>
      say(context, { name: 'decide', run, extra: { item, action } }, options),
    ),
  );
}

function finish(command: Command, context: RunContext, name: MessageName): void {
  shared(command).action((run: string, options: SayOptions) => {
    const extra = options.plan === undefined ? {} : { plan: options.plan };
    return act(context, { name, json: options.json }, () => say(context, { name, run, extra }, options));
  });
}

function shared(command: Command): Command {
  return withJson(
    command.option('--by <name>', 'who says it; default: the user of the system').addHelpText('after', LEFT),
  );
}

interface Saying {
  readonly name: MessageName;
  readonly run: string;
  readonly extra: MessageBody;
}

async function say(context: RunContext, { name, run, extra }: Saying, options: SayOptions): Promise<ExitCode> {
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  const body = { by: whoAsks(context, options.by), ...reason, ...extra };
  return withTemporal(context, async (link) => {
    const { workflowId, runId } = await wantedRun(context, link, run);
    const sent = await sendMessage(link, { workflowId, runId }, { name, body });
    const { kind, answer: said } = sent;
    answer(context, options.json, { kind, answer: said, workflowId, runId }, () => said);
    return kind === 'left' ? EXIT_PENDING : 0;
  });
}
