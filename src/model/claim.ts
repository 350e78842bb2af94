/** The mark in a database that a run is at work on it, as a value. */

/** Who claims. The same workflow and run get the same token again, however often they ask. */
export interface ClaimHolder {
  readonly workflowId: string;
  readonly runId: string;
  readonly namespace: string;
  /** `run`, `rollback` or `reset`. */
  readonly operation: string;
}

/** The claim as it is in the database. */
export interface ClaimRow extends ClaimHolder {
  /** A growing number, as text because it is a bigint. */
  readonly token: string;
  /** ISO 8601 in UTC. */
  readonly claimedAt: string;
}
