/** Activities between the steps of an execution: still the same database, and replicas near enough. */
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

type LookBeforeStep = RunbookActivities['lookBeforeStep'];

export async function lookBeforeRunStep(
  _deps: Dependencies,
  _input: Parameters<LookBeforeStep>[0],
  _attempt: Attempt,
): ReturnType<LookBeforeStep> {
  throw new TypeError('lookBeforeStep: being built');
}

type AwaitReplicas = RunbookActivities['awaitReplicas'];

export async function awaitRunReplicas(
  _deps: Dependencies,
  _input: Parameters<AwaitReplicas>[0],
  _attempt: Attempt,
): ReturnType<AwaitReplicas> {
  throw new TypeError('awaitReplicas: being built');
}
