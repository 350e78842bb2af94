/** Entry point of a worker: `pnpm worker`. Reads the environment, runs, and drains on SIGTERM and SIGINT. */
import { readEnvironment } from './src/cli/environment.ts';
import { TASK_QUEUE } from './src/model/ids.ts';
import { isProblemError } from './src/model/problem.ts';
import { problemText } from './src/report/problem-text.ts';
import { runWorker } from './src/worker/run-worker.ts';

const environment = readEnvironment();
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

try {
  await runWorker({
    root: environment.lookup('DRYDOCK_ROOT') ?? import.meta.dirname,
    taskQueue: environment.lookup('DRYDOCK_TASK_QUEUE') ?? TASK_QUEUE,
    reportDirectory: environment.lookup('DRYDOCK_REPORT_DIRECTORY') ?? 'reports',
    variables: environment.forChild(),
    log: (level, text) => process.stderr.write(`${new Date().toISOString()} ${level} ${text}\n`),
    stop: stop.signal,
  });
} catch (error) {
  process.stderr.write(isProblemError(error) ? `${problemText(error.problem)}\n` : `${String(error)}\n`);
  process.exitCode = 1;
}
