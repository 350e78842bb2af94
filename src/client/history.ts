/** What a run's history tells when no worker answers: how it closed, and the plan that it made. */
import type { Plan } from '../model/plan.ts';
import type { RunState } from '../model/state.ts';
import { within } from './calls.ts';
import type { TemporalLink } from './connect.ts';
import type { RunAddress } from './run-description.ts';

const HISTORY_TIMEOUT_MS = 5_000;

/** How a closed run closed: with its whole state, or with the words of its failure where it left none. */
export type Close =
  | { readonly kind: 'state'; readonly state: RunState }
  | { readonly kind: 'failure'; readonly message: string };

/** Reads the close event of a closed run. Must not be asked of an open one: it would wait for its end. */
export async function readClose(link: TemporalLink, { workflowId, runId }: RunAddress): Promise<Close> {
  const handle = link.client.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    const state = await within(link, HISTORY_TIMEOUT_MS, () => handle.result());
    return isState(state) ? { kind: 'state', state } : { kind: 'failure', message: 'it ended without a state' };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause as { details?: unknown[] } & Error) : undefined;
    const detail = cause?.details?.[0];
    if (isState(detail)) return { kind: 'state', state: detail };
    return { kind: 'failure', message: cause?.message ?? String(error) };
  }
}

/** The plan with this digest (or the last one, where it is null) among those the run made; null where history has none. */
export async function planInHistory(link: TemporalLink, run: RunAddress, digest: string | null): Promise<Plan | null> {
  try {
    const handle = link.client.workflow.getHandle(run.workflowId, run.runId);
    const { events = [] } = await within(link, HISTORY_TIMEOUT_MS, () => handle.fetchHistory());
    const plans = (events ?? []).flatMap((event) => {
      const payload = event.activityTaskCompletedEventAttributes?.result?.payloads?.[0];
      return payload?.data ? planOf(payload.data) : [];
    });
    return plans.findLast((plan) => digest === null || plan.digest === digest) ?? null;
  } catch {
    return null;
  }
}

/** The result of the activity that makes plans is the only one with both a runbook and a plan. */
function planOf(data: Uint8Array): Plan[] {
  try {
    const result = JSON.parse(Buffer.from(data).toString('utf8')) as { runbook?: unknown; plan?: Partial<Plan> } | null;
    return result?.runbook && typeof result.plan?.digest === 'string' ? [result.plan as Plan] : [];
  } catch {
    return [];
  }
}

function isState(value: unknown): value is RunState {
  return value !== null && typeof value === 'object' && (value as Partial<RunState>).schema === 1 && 'outcome' in value;
}
