/** Activities between the steps of an execution: still the same database, and replicas near enough. */
import { activityInfo } from '@temporalio/activity';
import { readServer } from '../checks/identity.ts';
import { awaitReplicas } from '../checks/replica/await-replicas.ts';
import { lagEvidence } from '../checks/replica/lag-words.ts';
import { withSession } from '../checks/session.ts';
import { lookBeforeStep } from '../checks/target/look-before-step.ts';
import { formatDuration } from '../model/duration.ts';
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import { type Dependencies, groundOf } from './dependencies.ts';
import { timed } from './steps.ts';

type LookBeforeStep = RunbookActivities['lookBeforeStep'];

/** Errors of the connection are tried again: a failover that is under way is told when there is somebody who answers. */
export async function lookBeforeRunStep(
  deps: Dependencies,
  input: Parameters<LookBeforeStep>[0],
  { signal, progress }: Attempt,
): ReturnType<LookBeforeStep> {
  const { url, target } = await groundOf(deps, input);
  return withSession({ url, signal }, 'before-step', ({ client }) =>
    lookBeforeStep(client, input.identity, target.view.replicas, { signal, onProgress: progress }),
  );
}

type AwaitReplicas = RunbookActivities['awaitReplicas'];

/**
 * An attempt that follows another waits for nobody: who answers now may be another server, and only the look before the step,
 * which the run takes again after this, tells. Nor has a server replicas to wait for that is no primary any more.
 */
export async function awaitRunReplicas(
  deps: Dependencies,
  input: Parameters<AwaitReplicas>[0],
  { signal, progress }: Attempt,
): ReturnType<AwaitReplicas> {
  const { url, target } = await groundOf(deps, input);
  const { expected, watch } = target.view.replicas;
  return timed(async () => {
    if (watch === undefined) return { summary: 'replicas are not watched on this target' };
    if (activityInfo().attempt > 1)
      return { summary: 'the connection or the worker was lost meanwhile: looked at again' };
    const near = await withSession({ url, signal }, 'await-replicas', async ({ client }) =>
      (await readServer(client)).inRecovery
        ? null
        : awaitReplicas(client, { expected, watch, signal, onProgress: progress }),
    );
    if (near === null) return { summary: 'no replica is waited for: this server is a replica itself now' };
    const { resumeBelowMs: maxLagMs } = watch;
    return {
      summary: `all replicas are within ${formatDuration(maxLagMs)} again, after ${formatDuration(near.waitedMs)}`,
      evidence: lagEvidence(near.sample, { expected, maxLagMs }),
    };
  });
}
