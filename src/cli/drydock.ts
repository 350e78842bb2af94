/** `drydock`: the migrations of any directory or runbook, and runs of any runbook on Temporal. */
import { DRYDOCK } from '../report/commands.ts';
import { drydockProgram, main } from './program.ts';

await main(drydockProgram(DRYDOCK));
