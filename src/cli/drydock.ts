/** `drydock`: runs of any runbook, on Temporal. */
import { DRYDOCK } from '../report/commands.ts';
import { addRunCommands } from './commands/run-commands.ts';
import { runContext } from './commands/run-context.ts';
import { readEnvironment } from './environment.ts';
import type { ExitCode } from './exit-codes.ts';
import { parseAndRun, rootCommand } from './usage.ts';

const environment = readEnvironment();
const root = rootCommand(DRYDOCK, 'Runs of migration runbooks on Temporal: start, approve, watch, abort, report.');
let exitCode: ExitCode = 0;
const exitWith = (code: ExitCode): void => {
  exitCode = code;
};
addRunCommands(root, runContext({ environment, cli: DRYDOCK, exitWith }));
process.exitCode = await parseAndRun(root, process.argv.slice(2), { environment, exitCode: () => exitCode });
