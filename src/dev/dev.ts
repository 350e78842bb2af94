/**
 * `pnpm dev`: the stack of one machine and a worker, kept up until interrupted. It composes; what is printed and how things are
 * started is decided elsewhere.
 */
import { type Environment, readEnvironment } from '../cli/environment.ts';
import { isProblemError } from '../model/problem.ts';
import { problemText } from '../report/problem-text.ts';
import { ARCHIVING, describeBackup, takeBackup } from './backup.ts';
import { describeEnding } from './describe-ending.ts';
import { devInstructions } from './dev-instructions.ts';
import { makeCore } from './make-core.ts';
import { describeProgress } from './progress.ts';
import { type Lifetime, startLifetime } from './reaper/lifetime.ts';
import { startStack } from './start-stack.ts';
import { startWorker } from './start-worker.ts';

const RUNBOOK = 'communication';
const TARGET = 'dev';
const DATABASE = 'communication_dev';
const DATABASE_VARIABLE = 'DRYDOCK_DEV_DATABASE_URL';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const lifetime = startLifetime({ onEnding: (ending) => print(describeEnding(ending)) });
try {
  const why = await keepUp(lifetime, readEnvironment());
  if (!lifetime.signal.aborted) print(`the worker ended: ${why}`);
} catch (error) {
  // What fails while everything is being ended fails because of that.
  if (!lifetime.signal.aborted)
    print(isProblemError(error) ? problemText(error.problem) : String((error as Error).stack));
}
await lifetime.end({ kind: 'failed' }, 1);

/** Resolves only when something that should stay up does not, with the reason. */
async function keepUp({ reaper, defer, signal }: Lifetime, environment: Environment): Promise<string> {
  const stack = await startStack({
    reaper,
    environment,
    onProgress: (event) => print(describeProgress(event)),
    postgres: { settings: ARCHIVING },
  });
  defer(stack.stop);
  const { postgres, temporal } = stack;
  const databaseUrl = await postgres.createDatabase(DATABASE);
  await makeCore(databaseUrl, 'with-rows');
  const who = environment.user ?? 'dev';
  print(describeBackup(await takeBackup({ target: TARGET, url: databaseUrl, who, signal })));
  const databaseUrls = { [DATABASE_VARIABLE]: databaseUrl };
  const worker = startWorker({ reaper, environment, temporal, databaseUrls, output: { kind: 'inherit' } });
  defer(worker.stop);
  const facts = {
    ...temporal,
    temporal: temporal.program ?? 'temporal',
    runbook: RUNBOOK,
    target: TARGET,
    databaseUrl,
  };
  for (const line of ['', ...devInstructions(facts), '']) print(line);
  return worker.ended;
}
