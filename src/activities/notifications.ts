/** The activity that tells people about a turn of a run. It needs no database: who is told must not depend on it. */
import { tell } from '../notify/tell.ts';
import { resolveSecret } from '../runbook/secret.ts';
import { findTarget } from '../runbook/targets.ts';
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import { type Dependencies, secretSources } from './dependencies.ts';

type Notify = RunbookActivities['notify'];

/** A notifier that the target no longer has is nobody to tell. */
export async function notifyAboutRun(
  deps: Dependencies,
  { ref, notifier, message }: Parameters<Notify>[0],
  { signal }: Attempt,
): ReturnType<Notify> {
  const { view } = await findTarget(ref.target, deps.root);
  const found = (view.notify ?? []).find(({ name }) => name === notifier);
  if (!found) return;
  const sources = secretSources(deps);
  await tell(found, message, { signal, secret: (secret) => resolveSecret(secret, view.name, sources) });
}
