/** What is watched once traffic is back. */
export interface AfterRelease {
  /** Default 5 min. */
  readonly forMs: number;
  /** Waits for locks that are longer than this are told. Default 5 s. */
  readonly lockWaitMs: number;
}
