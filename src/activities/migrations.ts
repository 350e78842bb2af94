/** Activities that apply and revert one migration each. Both may be asked again: the ledger says what is left to do. */
import { lockPolicyOf } from '../migrator/lock-policy.ts';
import type { ApplyOutcome } from '../migrator/migrate.ts';
import { type Migrator, openMigrator } from '../migrator/migrator.ts';
import type { UndoRequest } from '../migrator/roll-back.ts';
import { directoryOf } from '../migrator/runbook-directory.ts';
import { assertNever } from '../model/assert-never.ts';
import { describeBlocker } from '../model/backend.ts';
import { formatDuration } from '../model/duration.ts';
import type { MigratorEvent } from '../model/migrator-event.ts';
import { type Evidence, type SavedRows, type StepOutcome, savedRowsText } from '../model/outcome.ts';
import { eventText } from '../report/migrator/event-text.ts';
import type { Attempt } from './alive.ts';
import type { MigrationRequest } from './contract.ts';
import { type Dependencies, type Ground, groundOf, workerName } from './dependencies.ts';
import { acceptAsRehearsed, comparison, rehearsedFor, tooSlow, watchDuration } from './rehearsed.ts';
import { type Told, timed } from './steps.ts';
import { requireHeld } from './traffic.ts';

export async function applyRunMigration(
  deps: Dependencies,
  input: MigrationRequest,
  attempt: Attempt,
): Promise<StepOutcome> {
  const { version, upChecksum } = input.migration;
  return withMigrator(deps, input, attempt, async (migrator, ground) => {
    const rehearsed = await rehearsedFor(ground, input, migrator, attempt);
    if (!rehearsed) return told(await migrator.applyOne({ version, upChecksum }));
    const watch = watchDuration(rehearsed, attempt);
    try {
      const accept = acceptAsRehearsed(rehearsed, input.deviations);
      const applied = await migrator.applyOne({ version, upChecksum, accept });
      const deviation = tooSlow(rehearsed, applied.durationMs);
      return { ...told(applied), evidence: [comparison(rehearsed, applied.observed)], ...(deviation && { deviation }) };
    } finally {
      watch.stop();
    }
  });
}

function told({ outcome }: ApplyOutcome): Told {
  const summary = outcome === 'resumed' ? 'gone on with, and applied' : 'was applied already';
  return { summary: outcome === 'applied' ? 'applied' : summary };
}

export async function revertRunMigration(
  deps: Dependencies,
  input: MigrationRequest,
  attempt: Attempt,
): Promise<StepOutcome> {
  const { version, downChecksum } = input.migration;
  return withMigrator(deps, input, attempt, async (migrator) => ({
    summary: await undone(migrator, { version, downChecksum }),
  }));
}

async function undone(migrator: Migrator, request: UndoRequest): Promise<string> {
  const { outcome } = await migrator.undo(request);
  switch (outcome) {
    case 'reverted':
      return 'reverted by its mirror';
    case 'cleared':
      return 'what it had left unfinished is cleared';
    case 'nothing':
      return 'it was not applied: nothing to revert';
    default:
      return assertNever(outcome);
  }
}

/** One migrator for one step: its session ends with the step, and with it every lock. */
async function withMigrator(
  deps: Dependencies,
  input: MigrationRequest,
  attempt: Attempt,
  work: (migrator: Migrator, ground: Ground) => Promise<Told>,
): Promise<StepOutcome> {
  const ground = await groundOf(deps, input);
  if (input.traffic === 'must-be-held') await requireHeld(deps, ground, input, attempt);
  const { loaded, target, url } = ground;
  const { signal, progress } = attempt;
  const { schemas, ledgerSchema } = loaded.definition;
  const saved: SavedRows[] = [];
  const ended: Evidence[] = [];
  const migrator = openMigrator({
    url,
    schemas,
    ledgerSchema,
    signal,
    ...directoryOf(loaded.definition, deps.root),
    saveDirectory: target.view.saveDirectory,
    lockPolicy: lockPolicyOf(target.view.locks),
    claim: { kind: 'run', token: input.token },
    observe: loaded.definition.rehearsal?.deviations ? 'yes' : 'no',
    owner: { appliedBy: workerName(), runId: input.runId, attemptOf: `${input.runId}:${input.migration.version}` },
    onEvent: (event) => {
      progress(eventText(event));
      if (event.kind === 'blocker-cancelled' || event.kind === 'blocker-terminated') ended.push(endedFact(event));
      if (event.kind === 'rows-saved')
        saved.push({ directory: event.directory, worker: workerName(), tables: event.tables });
    },
  });
  try {
    return await timed(async () => {
      const done = await work(migrator, ground);
      return { ...done, evidence: [...(done.evidence ?? []), ...ended, ...saved.map(savedFact)], saved };
    });
  } finally {
    await migrator.close();
  }
}

type BlockerEnded = Extract<MigratorEvent, { kind: 'blocker-cancelled' | 'blocker-terminated' }>;

function endedFact({ kind, blocker, waitedMs }: BlockerEnded): Evidence {
  const name = kind === 'blocker-cancelled' ? 'statement of a session cancelled' : 'session ended';
  return {
    name: `${name}, as the allow list says, after ${formatDuration(waitedMs)}`,
    value: describeBlocker(blocker),
  };
}

function savedFact(saved: SavedRows): Evidence {
  return { name: 'rows saved before they were dropped', value: savedRowsText(saved) };
}
