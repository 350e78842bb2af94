/**
 * Whether the run that holds a claim is still at work, for a command line that works without Temporal: asked where a server
 * answers at once, `unknown` where none does.
 */
import { connectTemporal } from './connect.ts';
import { type HolderState, holderState } from './holder-state.ts';

// A migrator on a machine without Temporal should not wait for one.
const CONNECT_TIMEOUT_MS = 1_500;

/** Never throws, and leaves no connection behind. `variables`: the process environment, given by the entry point. */
export function holderAsker(
  variables: Record<string, string>,
): (holder: { readonly workflowId: string; readonly runId: string }) => Promise<HolderState> {
  return async (holder) => {
    try {
      const link = await connectTemporal(variables, { timeoutMs: CONNECT_TIMEOUT_MS });
      try {
        return await holderState(link.client, holder);
      } finally {
        await link.close();
      }
    } catch {
      return 'unknown';
    }
  };
}
