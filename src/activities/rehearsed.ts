/**
 * Holds a migration of a run against its rehearsal, where the runbook wants that: before it is committed as far as locks and
 * rewrites go, afterwards as far as time goes. An undo is never held up.
 */
import { withSession } from '../checks/session.ts';
import type { Migrator } from '../migrator/migrator.ts';
import { rehearsalDigest } from '../migrator/rehearsal/plan-digest.ts';
import { findRehearsal } from '../migrator/rehearsal/rehearsal-store.ts';
import { formatDuration } from '../model/duration.ts';
import type { Observed } from '../model/observed.ts';
import type { Evidence } from '../model/outcome.ts';
import type { PlannedMigration } from '../model/plan.ts';
import { type Problem, ProblemError } from '../model/problem.ts';
import type { RehearsedPass } from '../model/rehearsal.ts';
import { deviationProblem, deviations, slowAfterMs, slowProblem } from '../model/rehearsal-deviation.ts';
import type { DeviationPolicy } from '../model/runbook.ts';
import { migrationName } from '../model/undo.ts';
import type { Attempt } from './alive.ts';
import type { MigrationRequest } from './contract.ts';
import type { Ground } from './dependencies.ts';

/** What a rehearsal says of one migration. */
export interface Rehearsed {
  readonly up: RehearsedPass;
  readonly takenAt: string;
  readonly policy: DeviationPolicy;
  readonly migration: PlannedMigration;
}

/**
 * The newest rehearsal of exactly the plan that this run began with; undefined where the runbook does not compare, or nobody
 * rehearsed that.
 */
export async function rehearsedFor(
  { loaded, url }: Ground,
  { migration, runId, traffic }: MigrationRequest,
  migrator: Migrator,
  { signal }: Attempt,
): Promise<Rehearsed | undefined> {
  const policy = loaded.definition.rehearsal?.deviations;
  if (!policy || traffic === 'no-matter') return undefined;
  // What this run has applied so far was pending when it was rehearsed.
  const planDigest = rehearsalDigest(await migrator.plan(), runId);
  const found = await withSession({ url, signal }, 'rehearsal', ({ client }) => findRehearsal(client, planDigest));
  const up = found?.migrations.find(({ version }) => version === migration.version)?.up;
  return found && up?.outcome === 'done' ? { up, takenAt: found.takenAt, policy, migration } : undefined;
}

/** Throws `rehearsal-deviation` for what must not be committed before a person has agreed. */
export function acceptAsRehearsed(
  { up, takenAt, migration }: Rehearsed,
  decided: MigrationRequest['deviations'],
): (observed: Observed | null) => void {
  return (observed) => {
    const lines = deviations(observed, up.observed);
    if (lines.length === 0 || decided === 'accepted') return;
    throw new ProblemError(deviationProblem(migrationName(migration), lines, takenAt));
  };
}

/** Tells as soon as it is known that the step takes much longer; the caller stops the watch. */
export function watchDuration({ up, policy }: Rehearsed, { progress }: Attempt): { stop(): void } {
  const limitMs = slowAfterMs(up, policy);
  const timer = setTimeout(
    () =>
      progress(`takes longer than ${formatDuration(limitMs)}; it was rehearsed in ${formatDuration(up.durationMs)}`),
    limitMs,
  );
  return { stop: () => clearTimeout(timer) };
}

/** The problem of a step that is done and took too long; undefined where it did not. */
export function tooSlow({ up, policy, migration }: Rehearsed, tookMs: number): Problem | undefined {
  const limitMs = slowAfterMs(up, policy);
  return tookMs > limitMs ? slowProblem(migrationName(migration), tookMs, up, limitMs) : undefined;
}

/** For the report: what it was compared with, and with which result. */
export function comparison(rehearsed: Rehearsed, observed: Observed | null): Evidence {
  const lines = deviations(observed, rehearsed.up.observed);
  const known = observed && rehearsed.up.observed;
  const value = !known ? 'locks not measured' : lines.length === 0 ? 'as rehearsed' : `accepted: ${lines.join('; ')}`;
  return { name: `compared with the rehearsal of ${rehearsed.takenAt}`, value };
}
