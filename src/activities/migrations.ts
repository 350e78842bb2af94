/** Activities that apply and revert one migration each. Both may be asked again: the ledger says what is left to do. */
import { type Migrator, openMigrator } from '../migrator/migrator.ts';
import { assertNever } from '../model/assert-never.ts';
import { type Evidence, type SavedRows, type StepOutcome, savedRowsText } from '../model/outcome.ts';
import { eventText } from '../report/migrator/event-text.ts';
import type { Attempt } from './alive.ts';
import type { MigrationRequest } from './contract.ts';
import { type Dependencies, groundOf, workerName } from './dependencies.ts';
import { timed } from './steps.ts';
import { requireHeld } from './traffic.ts';

export async function applyRunMigration(
  deps: Dependencies,
  input: MigrationRequest,
  attempt: Attempt,
): Promise<StepOutcome> {
  const { version, upChecksum } = input.migration;
  return withMigrator(deps, input, attempt, async (migrator) => {
    const { outcome } = await migrator.applyOne({ version, upChecksum });
    return outcome === 'applied'
      ? 'applied'
      : outcome === 'resumed'
        ? 'gone on with, and applied'
        : 'was applied already';
  });
}

export async function revertRunMigration(
  deps: Dependencies,
  input: MigrationRequest,
  attempt: Attempt,
): Promise<StepOutcome> {
  const { version, downChecksum } = input.migration;
  return withMigrator(deps, input, attempt, async (migrator) => {
    const { outcome } = await migrator.undo({ version, downChecksum });
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
  });
}

/** One migrator for one step: its session ends with the step, and with it every lock. */
async function withMigrator(
  deps: Dependencies,
  input: MigrationRequest,
  attempt: Attempt,
  work: (migrator: Migrator) => Promise<string>,
): Promise<StepOutcome> {
  const ground = await groundOf(deps, input);
  if (input.traffic === 'must-be-held') await requireHeld(deps, ground, input, attempt);
  const { loaded, target, url } = ground;
  const { signal, progress } = attempt;
  const { schemas, ledgerSchema, migrations } = loaded.definition;
  const saved: SavedRows[] = [];
  const migrator = openMigrator({
    url,
    schemas,
    ledgerSchema,
    signal,
    root: deps.root,
    directory: migrations.directory,
    saveDirectory: target.view.saveDirectory,
    claim: { kind: 'run', token: input.token },
    owner: { appliedBy: workerName(), runId: input.runId, attemptOf: `${input.runId}:${input.migration.version}` },
    onEvent: (event) => {
      progress(eventText(event));
      if (event.kind === 'rows-saved')
        saved.push({ directory: event.directory, worker: workerName(), tables: event.tables });
    },
  });
  try {
    return await timed(async () => ({ summary: await work(migrator), evidence: saved.map(savedFact), saved }));
  } finally {
    await migrator.close();
  }
}

function savedFact(saved: SavedRows): Evidence {
  return { name: 'rows saved before they were dropped', value: savedRowsText(saved) };
}
