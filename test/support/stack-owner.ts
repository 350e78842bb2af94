/**
 * A program for tests: owns a stack as `pnpm dev` does, without a worker, and says in lines of JSON what goes on, so that a test
 * can interrupt, kill or orphan it.
 */
import { readEnvironment } from '../../src/cli/environment.ts';
import { describeProgress } from '../../src/dev/progress.ts';
import { startLifetime } from '../../src/dev/reaper/lifetime.ts';
import { startStack } from '../../src/dev/start-stack.ts';
import { isProblemError } from '../../src/model/problem.ts';
import { problemText } from '../../src/report/problem-text.ts';

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const lifetime = startLifetime({ onEnding: (ending) => say({ ending }) });
const { reaper } = lifetime;
say({ reaper: reaper.pid });
try {
  const stack = await startStack({
    reaper,
    environment: readEnvironment(),
    onProgress: (event) => say({ progress: describeProgress(event) }),
    postgres: { settings: { fsync: 'off' } },
    temporal: { ui: 'none' },
  });
  lifetime.defer(stack.stop);
  lifetime.defer(async () => say({ stopping: 'in order' }));
  const { postgres, temporal } = stack;
  say({
    ready: { postgres: postgres.pid, dataDir: postgres.dataDir, temporal: temporal.pid, url: postgres.superuserUrl },
  });
} catch (error) {
  if (!lifetime.signal.aborted)
    process.stderr.write(isProblemError(error) ? problemText(error.problem) : String(error));
  await lifetime.end({ kind: 'failed' }, 1);
}
