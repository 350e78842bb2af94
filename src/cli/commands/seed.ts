/**
 * The command line of a single seed: `[--undo]` and where to. What a seed does is decided in src/data.
 */
import { applySeed, type Seed, undoSeed } from '../../data/seed.ts';
import { type Answer, type DatabaseCommand, runDatabaseCommand } from './on-database.ts';

/**
 * Applies or undoes one seed and prints what happened.
 * @param argv the arguments behind the script's name.
 * @returns the exit code: 0 done, 1 failed, 2 usage.
 */
export function runSeedCommand(seed: Seed, argv: readonly string[]): Promise<number> {
  const command: DatabaseCommand<'undo'> = {
    script: `src/data/communication/seed-${seed.name}.ts`,
    applicationName: `drydock:seed-${seed.name}`,
    flags: { undo: `delete the rows that this seed inserted` },
    about: `Inserts the ${seed.name} of the system that are not there yet.`,
    work: async (client, { undo }) =>
      undo
        ? deletedAnswer(seed.name, await undoSeed(client, seed, { runId: null }))
        : insertedAnswer(seed.name, await applySeed(client, seed, { runId: null })),
  };
  return runDatabaseCommand(command, argv);
}

function insertedAnswer(seed: string, result: { inserted: number; present: number }): Answer {
  return { json: { seed, ...result }, text: `${seed}: ${result.inserted} inserted, ${result.present} already there` };
}

function deletedAnswer(seed: string, result: { deleted: number }): Answer {
  return { json: { seed, ...result }, text: `${seed}: ${result.deleted} deleted` };
}
