/** Everything a rehearsal has to tell while it is under way, as a closed set of events. */
import type { MigrationRef } from './migrator-event.ts';
import type { Problem } from './problem.ts';
import type { RehearsalPlace } from './rehearsal.ts';

export type RehearsalStage = 'up' | 'down' | 'up again';

export type RehearsalEvent =
  /** Databases of rehearsals that were killed are gone now. */
  | { readonly kind: 'leftovers-dropped'; readonly names: readonly string[] }
  | {
      readonly kind: 'rehearsal-began';
      readonly place: RehearsalPlace;
      readonly database: string;
      readonly serverVersion: string;
    }
  /** The schema to start from is there. `lacking` is how much of it could not be made. */
  | { readonly kind: 'schema-ready'; readonly from: 'dump' | 'files' | 'empty'; readonly lacking: number }
  | {
      readonly kind: 'rehearsed';
      readonly stage: RehearsalStage;
      readonly migration: MigrationRef;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'stage-failed';
      readonly stage: RehearsalStage;
      readonly migration: MigrationRef;
      readonly problem: Problem;
    }
  /** The role may not write on the target, so the result is only in the files. */
  | { readonly kind: 'rehearsal-not-stored'; readonly problem: Problem }
  | { readonly kind: 'rehearsal-database-dropped'; readonly database: string }
  /** It could not be dropped; the next rehearsal will. */
  | { readonly kind: 'rehearsal-database-left'; readonly database: string; readonly problem: Problem };

export type OnRehearsalEvent = (event: RehearsalEvent) => void;
