/** Whether the run that holds a claim is still open: asked of Temporal, because age alone says nothing. */
import type { Client } from '@temporalio/client';

/** `unknown`: Temporal did not answer, or does not know the run (it may belong to another server). */
export type HolderState = 'running' | 'closed' | 'unknown';

/** Asks about one run; never throws. */
export async function holderState(
  client: Client,
  holder: { readonly workflowId: string; readonly runId: string },
): Promise<HolderState> {
  try {
    const { status } = await client.workflow.getHandle(holder.workflowId, holder.runId).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED' ? 'running' : 'closed';
  } catch {
    return 'unknown';
  }
}
