/** Every command that talks to Temporal, for whichever command line carries them: both of this project carry all of them. */
import type { Command } from 'commander';
import type { Environment } from '../environment.ts';
import {
  addAbortCommand,
  addApproveCommand,
  addDecideCommand,
  addPauseCommand,
  addRejectCommand,
  addResumeCommand,
} from './messages.ts';
import { addPlanCommand } from './plan.ts';
import { addReportCommand } from './report.ts';
import { addRunCommand } from './run.ts';
import { type RunContext, runContext } from './run-context.ts';
import { addRunsCommand } from './runs.ts';
import { addStateCommand } from './state.ts';
import { addWatchCommand } from './watch.ts';

const COMMANDS = [
  addRunCommand,
  addWatchCommand,
  addStateCommand,
  addPlanCommand,
  addApproveCommand,
  addRejectCommand,
  addDecideCommand,
  addPauseCommand,
  addResumeCommand,
  addAbortCommand,
  addReportCommand,
  addRunsCommand,
];

/** Adds them in the order in which a run needs them. Their actions print their own problems and tell the context how they ended. */
export function addRunCommands(program: Command, context: RunContext): void {
  for (const add of COMMANDS) add(program, context);
}

/** The same on the command line of one runbook, where that runbook need not be named. */
export function carryRunCommands(
  root: Command,
  {
    environment,
    script,
    runbook,
  }: { readonly environment: Environment; readonly script: string; readonly runbook: string },
  exitWith: RunContext['exitWith'],
): void {
  addRunCommands(root, runContext({ environment, cli: script, runbook, exitWith }));
}
