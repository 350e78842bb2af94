/** `drydock`: runs of any runbook, on Temporal. */
import { runProgram } from './commands/run-program.ts';

process.exitCode = await runProgram(process.argv.slice(2));
