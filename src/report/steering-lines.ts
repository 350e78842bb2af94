/** The commands that a run would listen to now, each in both ways; those that it would refuse are not shown. */
import { shortDigest } from '../model/plan.ts';
import type { RunState } from '../model/state.ts';
import { approving, deciding, drydockCommand, plainly, type Steering, temporalSignal, WHY, YOU } from './commands.ts';

/** A line that explains, then three lines per message: ours, and the plain Temporal CLI's in two. */
export function steeringLines(state: RunState, cli: string): string[] {
  const possible = possibleNow(state);
  if (possible.length === 0) return [];
  const lines = possible.flatMap(({ heading, steering }) => [
    `${heading}:`,
    `  ${drydockCommand(steering, state.workflowId, cli)}`,
    ...temporalSignal(steering, state.workflowId).map((line) => `  ${line}`),
  ]);
  return [
    `Put your name for ${YOU} and your reason for ${WHY}; drydock takes your name from the system, or --by.`,
    ...lines,
  ];
}

interface Possible {
  readonly heading: string;
  readonly steering: Steering;
}

function possibleNow(state: RunState): Possible[] {
  if (state.outcome !== null || state.stop !== null) return [];
  const { waiting } = state;
  const answers: Possible[] = [];
  if (waiting?.kind === 'approval') {
    answers.push({ heading: 'Approve', steering: approving(shortDigest(waiting.digest)) });
    answers.push({ heading: 'Reject (nothing is changed)', steering: plainly('reject') });
  }
  if (waiting?.kind === 'decision') {
    const [again, without] =
      waiting.item.phase === 'execution'
        ? ['Try it again', 'Accept it and go on']
        : ['Check it again', 'Go on without it'];
    if (waiting.retry !== 'not-possible')
      answers.push({ heading: again!, steering: deciding(waiting.item.id, 'retry') });
    if (waiting.waivable) answers.push({ heading: without!, steering: deciding(waiting.item.id, 'waive') });
  }
  if (state.paused) answers.push({ heading: 'Go on', steering: plainly('resume') });
  const abortable = state.phase !== 'undo' && state.phase !== 'release';
  return abortable ? [...answers, { heading: 'Abort', steering: plainly('abort') }] : answers;
}
