/**
 * What a rehearsal found: up, down and up again of migrations on a throw-away database, as a value that is stored, rendered and
 * compared with what the live run observes. JSON-safe; it holds no SQL and no rows.
 */
import type { Observed } from './observed.ts';
import type { Problem } from './problem.ts';

/**
 * `mirrors`: every stage went through, and every down file brought back what was there before its up file; repeatable ones
 * have none.
 * `does-not-mirror`: a down file left something, took too much, or is missing. `failed`: a stage failed.
 */
export type RehearsalVerdict = 'mirrors' | 'does-not-mirror' | 'failed';

/** `embedded`: a PostgreSQL of this machine, started for the rehearsal and stopped after it. */
export type RehearsalPlace = 'same-server' | 'other-server' | 'embedded';

/** Something of the target's schema that the throw-away database does not have. */
export interface NotRestored {
  /** As pg_dump names it: `EXTENSION postgis`. */
  readonly what: string;
  readonly why: string;
}

export type SchemaSource =
  /** The target's own. `owners`: whether owners and privileges came along. */
  | {
      readonly kind: 'dump';
      readonly owners: 'kept' | 'left out';
      readonly lacking: readonly NotRestored[];
    }
  /** The files of the migrations that are applied, on top of a stub; `why` the target's own was not taken. */
  | { readonly kind: 'files'; readonly stub: string | null; readonly why: string }
  /** Nothing but the stub: the whole set was rehearsed. */
  | { readonly kind: 'empty'; readonly stub: string | null };

/** How the throw-away database compared with the target before the first migration, by their fingerprints. */
export type LikeTarget =
  | { readonly kind: 'same' }
  | { readonly kind: 'differs'; readonly lines: readonly string[] }
  | { readonly kind: 'not compared'; readonly why: string };

/** One direction of one migration. */
export interface RehearsedPass {
  readonly outcome: 'done' | 'failed';
  /** On a database without rows: it says little about one with rows. */
  readonly durationMs: number;
  /** Null where it failed or could not be measured. */
  readonly observed: Observed | null;
}

export interface RehearsedMigration {
  readonly version: string;
  readonly name: string;
  readonly upChecksum: string;
  readonly downChecksum: string | null;
  /** Null: it was not come to. */
  readonly up: RehearsedPass | null;
  readonly down: RehearsedPass | null;
  readonly upAgain: RehearsedPass | null;
  /** `not needed`: it is repeatable, and was run twice instead. */
  readonly mirrors: 'yes' | 'no' | 'no down file' | 'not tried' | 'not needed';
  /** What its down file did not bring back, seen from before its up file. */
  readonly differences: readonly string[];
}

export interface Rehearsal {
  readonly version: 1;
  readonly id: string;
  readonly verdict: RehearsalVerdict;
  /** `user@host:port/database` of the target. */
  readonly target: string;
  /** As `server_version` says: `15.18`. */
  readonly targetServer: string;
  readonly place: RehearsalPlace;
  /** `user@host:port` of the server that it ran on. */
  readonly server: string;
  readonly serverVersion: string;
  /** What differs between the two servers and may matter, a sentence each. */
  readonly notes: readonly string[];
  readonly schemaFrom: SchemaSource;
  readonly likeTarget: LikeTarget;
  readonly scope: 'pending' | 'all';
  /** Tables that the migrations themselves made and then locked: nobody else uses those yet. */
  readonly madeHere: readonly string[];
  readonly migrations: readonly RehearsedMigration[];
  /** What was different after up, down and up from what was there after the first up. */
  readonly differencesAtEnd: readonly string[];
  /** Why a stage failed. */
  readonly problems: readonly Problem[];
  /** sha256 hex over the applied and the pending migrations with their checksums: what this rehearsal holds for. */
  readonly planDigest: string;
  /** ISO 8601 in UTC. */
  readonly takenAt: string;
  readonly takenBy: string;
  readonly durationMs: number;
  readonly drydockVersion: string;
}

/** The verdict that the stages add up to. */
export function rehearsalVerdict(
  found: Pick<Rehearsal, 'problems' | 'migrations' | 'differencesAtEnd'>,
): RehearsalVerdict {
  if (found.problems.length > 0) return 'failed';
  const mirrored = found.migrations.every(({ mirrors }) => mirrors === 'yes' || mirrors === 'not needed');
  return mirrored && found.differencesAtEnd.length === 0 ? 'mirrors' : 'does-not-mirror';
}
