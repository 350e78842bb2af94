/** The command line of the authz runbook: its migrations, and its runs on Temporal. */
import { main, runbookProgram } from './program.ts';

await main(runbookProgram({ runbook: 'authz' }));
