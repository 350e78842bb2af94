/** What runs do since a later version, by name. A run that began under an earlier one is replayed without it. */
import { patched } from '@temporalio/workflow';

/** Between the steps of an execution the database is looked at: still the same, replicas near enough. */
export function looksBetweenSteps(): boolean {
  return patched('look-before-step');
}

/** An undo that cannot go on for the moment says so in the state, and is then tried for as long as an undo may take. */
export function saysWhatUndoWaitsFor(): boolean {
  return patched('undo-says-what-it-waits-for');
}

/** A named restore point before the first change, and statistics before traffic comes back. */
export function marksAndAnalyses(): boolean {
  return patched('restore-point-and-analyze');
}
