/** The command line of the communication runbook. */
import { main, runbookProgram } from './program.ts';

await main(runbookProgram({ runbook: 'communication' }));
