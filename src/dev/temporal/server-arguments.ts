/**
 * The command line of the development server. It decides how the server is tuned for steps of milliseconds instead of
 * tenths of seconds. It starts nothing.
 */

/** Where the server listens and keeps its state. */
export interface ServerPlan {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
  /** undefined: no UI. */
  readonly uiPort: number | undefined;
  readonly namespace: string;
  /** undefined: state lives in memory and dies with the server. */
  readonly dbFile: string | undefined;
}

/**
 * The server as it comes polls its queues 20 times a second (100 ms for every step), rounds timers up to a second and
 * spreads each task queue over four partitions (up to a second for the first task).
 */
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 2000,
  'history.outboundProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxTimeShift': '10ms',
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'system.enableActivityEagerExecution': true,
} as const;

/** Arguments for the `temporal` program. Everything listens on 127.0.0.1. */
export function serverArguments(plan: ServerPlan): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'],
    ...['--port', String(plan.grpcPort), '--http-port', String(plan.httpPort)],
    ...['--metrics-port', String(plan.metricsPort)],
    ...(plan.uiPort === undefined ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(plan.uiPort)]),
    ...(plan.namespace === 'default' ? [] : ['--namespace', plan.namespace]),
    // As fast as memory, and no acknowledged start was lost when the server was killed.
    ...(plan.dbFile
      ? ['--db-filename', plan.dbFile, ...pragma('journal_mode=WAL'), ...pragma('synchronous=NORMAL')]
      : []),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
  ];
}

function pragma(statement: string): string[] {
  return ['--sqlite-pragma', statement];
}
