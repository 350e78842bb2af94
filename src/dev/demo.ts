/**
 * `pnpm demo`: the stack, a worker, a run that goes well and a run that is undone. It composes; what is said, asked and
 * printed is decided in demo/.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../cli/environment.ts';
import { connectTemporal, type TemporalLink } from '../client/connect.ts';
import { startRun } from '../client/start.ts';
import { TASK_QUEUE } from '../model/ids.ts';
import { isProblemError } from '../model/problem.ts';
import type { RunState } from '../model/state.ts';
import { problemText } from '../report/problem-text.ts';
import { ARCHIVING, describeBackup, takeBackup } from './backup.ts';
import { makeDatabases } from './demo/databases.ts';
import { followRun } from './demo/follow-run.ts';
import { askingPerson, automaticPerson, type Person } from './demo/person.ts';
import { standardScreen } from './demo/screen.ts';
import { asPromised, firstRunLines, openingLines, proofLines, secondRunLines } from './demo/story.ts';
import { workerReady } from './demo/worker-ready.ts';
import { describeEnding } from './describe-ending.ts';
import { describeProgress } from './progress.ts';
import { type Lifetime, startLifetime } from './reaper/lifetime.ts';
import { startStack } from './start-stack.ts';
import { startWorker } from './start-worker.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCRATCH = join(ROOT, '.drydock/demo');
const ANSWER_PAUSE_MS = 3_000;

const environment = readEnvironment();
const screen = standardScreen(environment);
const say = (lines: readonly string[]): void => screen.line(lines.join('\n'));
const asked = process.stdin.isTTY === true && screen.terminal === 'interactive' && !process.argv.includes('--yes');
const who = environment.user ?? 'demo';
const person: Person = asked
  ? askingPerson(who)
  : automaticPerson(who, ANSWER_PAUSE_MS, (line) => screen.line(`           ${line}`));

const lifetime = startLifetime({ onEnding: (ending) => screen.line(describeEnding(ending)) });
try {
  const kept = await demonstrate(lifetime);
  await lifetime.end({ kind: 'finished' }, kept === 'yes' ? 0 : 1);
} catch (error) {
  // What fails while everything is being ended fails because of that.
  if (!lifetime.signal.aborted)
    screen.line(isProblemError(error) ? problemText(error.problem, screen.palette) : String((error as Error).stack));
  await lifetime.end({ kind: 'failed' }, 1);
}

async function demonstrate({ reaper, defer, signal }: Lifetime): Promise<'yes' | 'no'> {
  say(openingLines());
  await mkdir(SCRATCH, { recursive: true });
  const stack = await startStack({
    reaper,
    environment,
    onProgress: (event) => screen.line(describeProgress(event)),
    postgres: { settings: ARCHIVING },
  });
  defer(stack.stop);
  const { postgres, temporal } = stack;
  const { good, withoutUsers } = await makeDatabases(postgres);
  for (const { target, url } of [good, withoutUsers]) {
    screen.line(describeBackup(await takeBackup({ target, url, who, signal })));
  }
  const databaseUrls = { [good.variable]: good.url, [withoutUsers.variable]: withoutUsers.url };
  const output = { kind: 'file', path: join(SCRATCH, 'worker.log') } as const;
  const worker = startWorker({ reaper, environment, temporal, databaseUrls, output });
  defer(worker.stop);
  await workerReady(worker, output.path);
  const link = await connectTemporal(
    environment.forChild({ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace }),
  );
  defer(link.close);
  say(firstRunLines(temporal.uiUrl));
  const first = await runOnce(link, good.target, signal);
  say(secondRunLines());
  const second = await runOnce(link, withoutUsers.target, signal);
  say(proofLines(first, second));
  if (asked) await waitForEnter(temporal.uiUrl, signal);
  return asPromised(first, second);
}

async function runOnce(link: TemporalLink, target: string, signal: AbortSignal): Promise<RunState> {
  const input = { runbook: 'communication', target, requestedBy: who };
  const run = await startRun(link, { operation: 'run', input, taskQueue: TASK_QUEUE });
  return followRun({ link, run, screen, person, signal });
}

/** Everything stays up for a look around. */
async function waitForEnter(uiUrl: string | undefined, signal: AbortSignal): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const question = `Look around${uiUrl ? ` in the Temporal UI, ${uiUrl}` : ''}. Enter ends everything that the demo started. `;
  await lines.question(question, { signal }).catch(() => undefined);
  lines.close();
}
