/** What becomes of traffic should an undo fail, in the words of every plan and report. It knows nothing of how it is held. */
import { formatDuration } from '../model/duration.ts';
import type { Plan } from '../model/plan.ts';

/** One clause without a full stop: `traffic stays held, 1 h at the most`. */
export function afterFailedUndo({ drain, consumers = [], onUndoFailed, holdAtMostMs }: Plan['target']): string {
  // What the run does not hold, it can neither keep nor let go.
  if (drain.kind === 'observe' && consumers.length === 0)
    return 'whoever drained decides about traffic: the run holds none';
  return onUndoFailed === 'hold'
    ? `traffic stays held, ${formatDuration(holdAtMostMs)} at the most`
    : 'traffic is let back in';
}
