/** What has to be said about where a state, or a watcher's silence, comes from. Words only. */
import { assertNever } from '../model/assert-never.ts';
import type { RunRead } from './read.ts';
import type { PendingActivity } from './run-description.ts';
import type { WatchItem } from './watch.ts';

/** Sentences for the head of a state; none where a worker answered. */
export function readNotes(read: RunRead): string[] {
  switch (read.source) {
    case 'worker':
      return [];
    case 'history':
      return ['no worker answers; this is the final state that the run left in its history'];
    case 'memo':
      return [
        read.run.memo === null
          ? 'no worker has answered for this run yet; only its name and start are known'
          : 'no worker answers; this is what Temporal keeps, as of the last change of phase',
        ...pendingSentences(read.run.pending),
      ];
    default:
      return assertNever(read.source);
  }
}

/** One sentence for a watcher. */
export function watchNote(item: Extract<WatchItem, { kind: 'note' }>): string {
  switch (item.note) {
    case 'worker-lost':
      return [
        'no worker answers; still watching, and the run goes on when one is back',
        ...pendingSentences(item.pending),
      ].join('; ');
    case 'server-lost':
      return 'Temporal does not answer; still watching';
    case 'back':
      return 'answers come again';
    case 'events-lost':
      return 'the run is over, and no worker can tell its last events';
    default:
      return assertNever(item.note);
  }
}

function pendingSentences(pending: readonly PendingActivity[]): string[] {
  return pending.map(({ name, attempt, state, lastFailure }) => {
    const failed = lastFailure ? `, last failure: ${lastFailure}` : '';
    return `${name} is ${state} (attempt ${attempt}${failed})`;
  });
}
