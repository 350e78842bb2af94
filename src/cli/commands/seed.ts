/**
 * The command line of a single seed: `[--undo]` and where to. What a seed does is decided in src/data.
 */
import type pg from 'pg';
import { applySeed, type Seed, undoSeed } from '../../data/seed.ts';
import { claimHeldProblem, readClaim } from '../../migrator/claim.ts';
import { ProblemError } from '../../model/problem.ts';
import { acquireLock } from '../../postgres/acquire-lock.ts';
import { CLAIM_LOCK_KEY } from '../../postgres/advisory-lock.ts';
import { systemClock } from '../../postgres/clock.ts';
import { type Answer, type DatabaseCommand, runDatabaseCommand } from './on-database.ts';

/** A run takes its claim for longer than this only while it makes the table for it. */
const CLAIM_WAIT_MS = 10_000;

export interface SeedOfRunbook {
  /** Name of the runbook: of the folder of its seeds, and of its database's variable. */
  readonly runbook: string;
  readonly seed: Seed;
}

/**
 * Applies or undoes one seed and prints what happened. While a run holds the claim it is refused with `claim-held`.
 * @param argv the arguments behind the script's name.
 * @returns the exit code: 0 done, 1 failed, 2 refused or usage.
 */
export function runSeedCommand({ runbook, seed }: SeedOfRunbook, argv: readonly string[]): Promise<number> {
  const command: DatabaseCommand<'undo'> = {
    script: `src/data/${runbook}/seed-${seed.name}.ts`,
    database: runbook,
    applicationName: `drydock:seed-${seed.name}`,
    flags: { undo: `delete the rows that this seed inserted` },
    about: `Inserts the ${seed.name} of the system that are not there yet.`,
    work: async (client, { undo }) => {
      await standBackFromRuns(client);
      return undo
        ? deletedAnswer(seed.name, await undoSeed(client, seed, { runId: null }))
        : insertedAnswer(seed.name, await applySeed(client, seed, { runId: null }));
    },
  };
  return runDatabaseCommand(command, argv);
}

/** First the lock, which goes with the session, then the look: a run that comes in between finds the lock and waits. */
async function standBackFromRuns(client: pg.Client): Promise<void> {
  await acquireLock(client, { key: CLAIM_LOCK_KEY, mode: 'shared', limitMs: CLAIM_WAIT_MS, clock: systemClock });
  const claim = await readClaim(client);
  if (claim) throw new ProblemError(claimHeldProblem(claim));
}

function insertedAnswer(seed: string, result: { inserted: number; present: number }): Answer {
  return { json: { seed, ...result }, text: `${seed}: ${result.inserted} inserted, ${result.present} already there` };
}

function deletedAnswer(seed: string, result: { deleted: number }): Answer {
  return { json: { seed, ...result }, text: `${seed}: ${result.deleted} deleted` };
}
