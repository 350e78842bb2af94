/** Where a runbook is carried out, without anything secret: safe in a history, a report and a terminal. */
import type { AfterRelease } from './after-release.ts';
import type { BackupPolicy } from './backups.ts';
import type { BlockerRule } from './blocker-rule.ts';
import type { Consumer } from './consumer.ts';
import type { Drain } from './drain.ts';
import type { Notifier } from './notification.ts';
import type { ReplicaPolicy } from './replica-policy.ts';

export interface TargetView {
  readonly name: string;
  /** A free word; `production` makes destructive commands ask for the target's name. */
  readonly environment: string;
  /** Where the worker finds the URL, in words: `environment variable COMMUNICATION_DATABASE_URL`. Never the URL. */
  readonly urlSource: string;
  /** Activities that touch this target run on this queue, where networks differ; default: the worker's own. */
  readonly taskQueue?: string;
  readonly replicas: ReplicaPolicy;
  readonly backups: BackupPolicy;
  /** Paused for the window. Left out: none. */
  readonly consumers?: readonly Consumer[];
  readonly seeds: boolean;
  /** Overrides of the runbook's window, in milliseconds. */
  readonly window: { readonly approvalTimeoutMs?: number; readonly drainMs?: number; readonly drainTimeoutMs?: number };
  readonly drain: Drain;
  /** Left out: nothing is watched after traffic is back. */
  readonly afterRelease?: AfterRelease;
  /** Left out: nobody is told. */
  readonly notify?: readonly Notifier[];
  /** What happens to held traffic when a compensation fails: keep it held for a person, or let it go. Default `hold`. */
  readonly onUndoFailed: 'hold' | 'release';
  /** How long at the most traffic stays held after a failed undo. Default 1 h. */
  readonly holdAtMostMs: number;
  /** Where rows are saved before a rollback drops them, relative to the worker's checkout or absolute. */
  readonly saveDirectory: string;
  /** What this target asks for beside the defaults; left out where it asks for nothing. */
  readonly locks?: TargetLocks;
}

/** How migrations wait for locks here, in milliseconds; what is left out has the default of the migrator's lock policy. */
export interface TargetLocks {
  /** One try; readers behind us wait no longer. Default 500 ms. */
  readonly lockTimeoutMs?: number;
  /** All tries of one part together. Default 2 min. */
  readonly giveUpAfterMs?: number;
  /** How long a statement that reads or changes rows may run; 0: no limit. Default 15 min. */
  readonly statementTimeoutMs?: number;
  /** How long CONCURRENTLY, VALIDATE, VACUUM and ANALYZE wait. Default 30 min. */
  readonly concurrentWaitMs?: number;
  /** How long to wait for another migrator. Default 5 min. */
  readonly migratorWaitMs?: number;
  /** Sessions in the way that may be cancelled or ended. Default: none. */
  readonly cancelBlockers?: readonly BlockerRule[];
}

/** Which database it really is: asked of the server, part of the plan. */
export interface TargetIdentity {
  /** `pg_control_system()`, as text because it exceeds a JavaScript number; null where the role may not ask. */
  readonly systemIdentifier: string | null;
  readonly database: string;
  readonly user: string;
  /** As `150018`. */
  readonly serverVersion: number;
  readonly timeline: number | null;
}

/** Whether a run here holds something that has to be let go of by itself if the run goes missing. */
export function needsLease({ drain, consumers = [] }: Pick<TargetView, 'drain' | 'consumers'>): boolean {
  return drain.kind !== 'observe' || consumers.length > 0;
}
