/** What runs do since a later version, by name. A run that began under an earlier one is replayed without it. */
import { patched } from '@temporalio/workflow';

/** Between the steps of an execution the database is looked at: still the same, replicas near enough. */
export function looksBetweenSteps(): boolean {
  return patched('look-before-step');
}

/** A named restore point before the first change, and statistics before traffic comes back. */
export function marksAndAnalyses(): boolean {
  return patched('restore-point-and-analyze');
}
