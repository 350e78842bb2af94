/** What one step back would lose, counted beforehand: a value that renderings start from. */
import type { MigrationRef, SavedTable } from './migrator-event.ts';

export interface WouldBeLost {
  readonly migration: MigrationRef;
  /** Path of its mirror, relative to the checkout. */
  readonly downPath: string;
  /** None where no row would be lost. */
  readonly tables: readonly SavedTable[];
}
