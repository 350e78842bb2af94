/**
 * Which migrations of a set do not bring back the catalog that was there before them. Each is taken back from exactly the
 * catalog that it made: what one leaves behind must not be blamed on another.
 */
import type { MigrationFile } from '../../src/migrator/files.ts';
import { diffFingerprints, type Fingerprint } from '../../src/migrator/fingerprint.ts';
import type { Migrator } from '../../src/migrator/migrator.ts';
import { isProblemError } from '../../src/model/problem.ts';
import { cloneOf, freshDatabase, type TestDatabase } from '../support/postgres.ts';

export interface Unmirrored {
  /** First line of the difference, or what the database said, by `000009_name`. */
  readonly unmirrored: Readonly<Record<string, string>>;
  /** The catalog after all of them, applied one by one. */
  readonly last: Fingerprint;
}

type Open = (url: string) => Migrator;

/** One database only goes up. The other goes up, down, and up again, and is copied from the first after every finding. */
export async function findUnmirrored(files: readonly MigrationFile[], open: Open): Promise<Unmirrored> {
  const clean = new Place(await freshDatabase(), open);
  let trial = new Place(await freshDatabase(), open);
  let before = await clean.migrator.fingerprint();
  const unmirrored: Record<string, string> = {};
  for (const { version, name } of files) {
    await clean.migrator.moveTo(version);
    await trial.migrator.moveTo(version);
    const after = await clean.migrator.fingerprint();
    let difference = await trial.differenceBelow(before);
    // It may be what the second way up of the one before has made otherwise: asked again from a copy.
    if (difference.length > 0) {
      await trial.leave();
      trial = new Place(await clean.copy(), open);
      difference = await trial.differenceBelow(before);
    }
    if (difference.length > 0) {
      unmirrored[`${version}_${name}`] = difference[0]!.split('\n')[0]!;
      await trial.leave();
      trial = new Place(await clean.copy(), open);
    }
    before = after;
  }
  await trial.leave();
  await clean.leave();
  return { unmirrored, last: before };
}

class Place {
  readonly #database: TestDatabase;
  readonly #open: Open;
  migrator: Migrator;

  constructor(database: TestDatabase, open: Open) {
    this.#database = database;
    this.#open = open;
    this.migrator = open(database.url);
  }

  /** Takes the last migration back and says how the catalog differs from the one before it, or why that was not possible. */
  async differenceBelow(before: Fingerprint): Promise<string[]> {
    try {
      await this.migrator.rollback();
    } catch (error) {
      if (isProblemError(error)) return [error.problem.message];
      throw error;
    }
    return diffFingerprints(before, await this.migrator.fingerprint());
  }

  async copy(): Promise<TestDatabase> {
    await this.migrator.close();
    const copy = await cloneOf(this.#database);
    this.migrator = this.#open(this.#database.url);
    return copy;
  }

  async leave(): Promise<void> {
    await this.migrator.close();
    await this.#database.drop();
  }
}
