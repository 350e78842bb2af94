/** `drydock` as it is built: the same program under the name it is called by. */
import { readEnvironment } from './environment.ts';
import { drydockProgram, main } from './program.ts';

void main(drydockProgram(readEnvironment().lookup('DRYDOCK_CALLED_AS') ?? 'drydock'));
