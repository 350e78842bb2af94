/** What activities need from the process they run in, and how each finds runbook, target and URL again. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { shortDigest } from '../model/plan.ts';
import { ProblemError } from '../model/problem.ts';
import type { SecretRef } from '../model/secret-ref.ts';
import { type LoadedRunbook, loadRunbook } from '../runbook/load.ts';
import { onTarget } from '../runbook/on-target.ts';
import { resolveSecret } from '../runbook/secret.ts';
import { resolveUrl, type SecretSources } from '../runbook/target-url.ts';
import { findTarget, requireRunbookAllowed, type Target } from '../runbook/targets.ts';
import type { ClaimedRef, RunRef } from './contract.ts';

/** Whether the run that holds a claim is still open, as far as Temporal can tell. */
export type HolderState = 'running' | 'closed' | 'unknown';

/** Given by the worker's entry point; activities read no environment and open no Temporal connection of their own. */
export interface Dependencies {
  /** The checkout: runbooks, migrations, targets and relative paths are found below it. */
  readonly root: string;
  /** The value of an environment variable that a target names as the place of its URL. */
  readonly lookup: (name: string) => string | undefined;
  /** Where reports are written; relative to the root or absolute. */
  readonly reportDirectory: string;
  /** The worker's Temporal namespace, for the claim. */
  readonly namespace: string;
  readonly holderState: (holder: { readonly workflowId: string; readonly runId: string }) => Promise<HolderState>;
}

/** What every activity on a target stands on. The URL is a secret: it is never put into a result or an error. */
export interface Ground {
  readonly loaded: LoadedRunbook;
  readonly target: Target;
  readonly url: string;
  /** The secret behind a reference of the target. Errors: `secret-missing`. */
  readonly secret: (ref: SecretRef) => Promise<string>;
}

/**
 * Runbook, target and URL of a run, from this worker's own checkout; what is held and paused, as the run's plan has it.
 * Errors: those of the loaders, and `runbook-changed` where this worker has another definition than the run's plan.
 */
export async function groundOf(deps: Dependencies, ref: RunRef & Pick<ClaimedRef, 'approved'>): Promise<Ground> {
  const [asWritten, present] = await Promise.all([
    loadRunbook(ref.runbook, deps.root),
    findTarget(ref.target, deps.root),
  ]);
  const target = asApproved(present, ref.approved);
  requireRunbookAllowed(target, ref.runbook);
  const loaded = onTarget(asWritten, target);
  if (ref.runbookDigest !== '' && ref.runbookDigest !== loaded.digest) throw changed(ref, loaded);
  const sources = secretSources(deps);
  const url = await resolveUrl(target, sources);
  return { loaded, target, url, secret: (secret) => resolveSecret(secret, target.view.name, sources) };
}

/** What was paused is resumed, looked at and guarded as it was when it was paused, whatever has become of the file. */
function asApproved(target: Target, approved: ClaimedRef['approved']): Target {
  if (approved === undefined) return target;
  const { drain, consumers = [] } = approved;
  return { ...target, view: { ...target.view, drain, consumers } };
}

/** Where this worker's secrets are. */
export function secretSources({ lookup, root }: Pick<Dependencies, 'lookup' | 'root'>): SecretSources {
  return { lookup, readFile: (path) => readFile(resolve(root, path), 'utf8') };
}

/** The owner of a session or a ledger row: which worker, on which host. */
export function workerName(): string {
  return `worker ${process.pid}@${hostname()}`;
}

function changed(ref: RunRef, loaded: LoadedRunbook): ProblemError {
  return new ProblemError({
    code: 'runbook-changed',
    message: `this worker has another ${loaded.file} than the plan of the run`,
    found: `digest ${shortDigest(loaded.digest)} on ${workerName()}`,
    expected: `digest ${shortDigest(ref.runbookDigest)}, as planned and approved`,
    next: 'give every worker of this task queue the same checkout, then start the run again',
  });
}
