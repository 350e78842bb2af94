/** A dump that Drydock took itself, and the sidecar beside it that says what it is of. */

/** Written as JSON beside the dump, as `<dump>.drydock.json`. */
export interface DumpSidecar {
  readonly format: 1;
  /** Name of the dump when it was taken. */
  readonly file: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Null where the role that took the dump might not ask. */
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  /** `oid` as text. */
  readonly database: { readonly name: string; readonly oid: string };
  /** As `150018`. */
  readonly serverVersion: number;
  /** What was committed before this position is in the dump. Null where it was not known. */
  readonly lsn: string | null;
  /** On the server's clock, ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** `pg_dump 15.18`, `pg_restore 15.18`. */
  readonly dumpedBy: string;
  readonly readBy: string;
}

export interface TakenDump {
  /** Absolute. */
  readonly file: string;
  readonly sidecarFile: string;
  readonly sidecar: DumpSidecar;
  readonly durationMs: number;
}
