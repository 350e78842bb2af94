/** Every command that talks to Temporal, for whichever command line carries them: both of this project carry all of them. */
import type { Command } from 'commander';
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
import type { RunContext } from './run-context.ts';
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

/**
 * Adds them in the order in which a run needs them. Their actions print their own problems and tell the context how they
 * ended. `without-plan`: the program has another command of that name.
 */
export function addRunCommands(program: Command, context: RunContext, which: 'all' | 'without-plan' = 'all'): void {
  for (const add of COMMANDS) if (which === 'all' || add !== addPlanCommand) add(program, context);
}
