/** What can be said to a run, as arguments of our command line and as the JSON of a message; wherever a person is told what to type. */
import type { MessageName } from './messages.ts';

/** How this project's command line is called where nothing else is said. */
export const DRYDOCK = 'pnpm tsx src/cli/drydock.ts';

/** What stands where the reader has to write something: a bare word, because `<you>` is a redirection to a shell. */
export const YOU = 'YOU';
export const WHY = 'WHY';

/** One thing that can be said to a run: the arguments of our command line, and the JSON of the message. */
export interface Steering {
  readonly name: MessageName;
  /** Behind `drydock <name> <workflow id>`; empty where nothing is needed. */
  readonly args: string;
  readonly json: Readonly<Record<string, string>>;
}

/** `drydock approve communication/demo --plan 3f9c2a71b0de`; who says it is the environment's user, or `--by`. */
export function drydockCommand(steering: Steering, workflowId: string, cli: string = DRYDOCK): string {
  return [cli, steering.name, workflowId, steering.args].filter((part) => part !== '').join(' ');
}

/** What to say to approve this plan. */
export function approving(plan: string): Steering {
  return { name: 'approve', args: `--plan ${plan}`, json: { by: YOU, plan } };
}

export function plainly(name: 'reject' | 'abort' | 'resume'): Steering {
  if (name === 'resume') return { name, args: '', json: { by: YOU } };
  return { name, args: `--reason '${WHY}'`, json: { by: YOU, reason: WHY } };
}

export function deciding(item: string, action: 'retry' | 'waive'): Steering {
  if (action === 'retry') return { name: 'decide', args: `${item} retry`, json: { by: YOU, item, action } };
  return { name: 'decide', args: `${item} waive --reason '${WHY}'`, json: { by: YOU, item, action, reason: WHY } };
}
