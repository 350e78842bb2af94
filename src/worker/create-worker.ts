/** A worker made of its parts: one connection, the workflows' bundle, the activities over their dependencies. */
import {
  DefaultLogger,
  type LogLevel,
  type NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { RunbookActivities } from '../activities/contract.ts';
import type { WorkflowBundle } from './bundle.ts';

export interface WorkerSettings {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly bundle: WorkflowBundle;
  readonly activities: RunbookActivities;
  /** Default 30 s: a step that is still at work then is given up to another worker. */
  readonly shutdownForceMs?: number;
}

/**
 * A run that holds traffic has two for its whole window: what it does, and the renewal of its lease. Were all of them renewals, nothing
 * else would go on. They wait for others' answers nearly all the time: one that is free costs nothing and no poll, one that is taken
 * 0.35 MB and 0.13 % of a core (measured with 200; most of it is its heartbeats, which cost Temporal three times as much).
 */
const ACTIVITIES_AT_ONCE = 400;

/** Creates a worker, not yet polling. */
export function createWorker(settings: WorkerSettings): Promise<Worker> {
  const { connection, namespace, taskQueue, bundle, activities } = settings;
  const options: WorkerOptions = {
    connection,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: { ...activities },
    // After a worker's death its workflows' next tasks wait this long for it; the default is 10 s.
    stickyQueueScheduleToStartTimeout: '1s',
    // A frozen worker swallows one retry per open poll.
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
    maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE,
    // How far behind a heartbeat may be, and so how soon a cancellation reaches a step.
    maxHeartbeatThrottleInterval: '400ms',
    defaultHeartbeatThrottleInterval: '400ms',
    shutdownGraceTime: 0,
    shutdownForceTime: settings.shutdownForceMs ?? 30_000,
  };
  return Worker.create(options);
}

/** Takes one line of the worker's own log. */
export type WorkerLog = (level: 'info' | 'warn' | 'error', text: string) => void;

/** Sends the SDK's log from `level` on to `log`, one line each; must come before the first connection. */
export function installLogger(level: LogLevel, log: WorkerLog): void {
  const logger = new DefaultLogger(level, ({ level: at, message, meta }) => {
    const error = (meta as { error?: { message?: string } } | undefined)?.error?.message;
    const workflow = (meta as { workflowId?: string } | undefined)?.workflowId;
    const text = [message, workflow, error].filter(Boolean).join(': ');
    log(at === 'ERROR' ? 'error' : at === 'WARN' ? 'warn' : 'info', text);
  });
  Runtime.install({ logger });
}
