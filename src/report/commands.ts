/** How a run is told something with the plain Temporal CLI; our own command line is the model's, because messages name it too. */
import type { Steering } from '../model/steering.ts';

export { approving, DRYDOCK, deciding, drydockCommand, plainly, type Steering, WHY, YOU } from '../model/steering.ts';

/** The message as a signal, in two lines joined by a backslash. */
export function temporalSignal(steering: Steering, workflowId: string): readonly [string, string] {
  return [
    `temporal workflow signal --workflow-id ${workflowId} --name ${steering.name} \\`,
    `  --input '${JSON.stringify(steering.json)}'`,
  ];
}
