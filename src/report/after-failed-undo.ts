/** What becomes of traffic should an undo fail, in the words of every plan and report. It knows nothing of how it is held. */
import { formatDuration } from '../model/duration.ts';
import { needsLease, type TargetView } from '../model/target.ts';

/** One clause without a full stop: `traffic stays held, 1 h at the most`. */
export function afterFailedUndo(target: TargetView): string {
  const { onUndoFailed, holdAtMostMs } = target;
  // What the run does not hold, it can neither keep nor let go.
  if (!needsLease(target)) return 'whoever drained decides about traffic: the run holds none';
  return onUndoFailed === 'hold'
    ? `traffic stays held, ${formatDuration(holdAtMostMs)} at the most`
    : 'traffic is let back in';
}
