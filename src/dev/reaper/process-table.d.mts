/** A process, named by number and start time together. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; comparable only within one boot and one table. */
  readonly startedAt: string;
}

export interface ProcessEntry extends ProcessIdentity {
  readonly parentPid: number;
  readonly args: readonly string[];
}

export interface ProcessTable {
  /** The entry of a process that runs; undefined where it is gone or a zombie. */
  readonly read: (pid: number) => ProcessEntry | undefined;
  readonly list: () => ProcessEntry[];
}

export declare const procTable: ProcessTable;
export declare const psTable: ProcessTable;
/** The one that this operating system has. */
export declare const processTable: ProcessTable;
export declare function isRunning(identity: ProcessIdentity, table?: ProcessTable): boolean;
