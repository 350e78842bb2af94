/** The command line of the communication runbook: its migrations, and its runs on Temporal. */
import { main, runbookProgram } from './program.ts';

await main(runbookProgram({ runbook: 'communication' }));
