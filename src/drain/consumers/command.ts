/** A consumer that programs of its own stop, start and ask. Without a shell: arguments are what they are. */
import type { Consumer } from '../../model/consumer.ts';
import { ProblemError } from '../../model/problem.ts';
import { type ProgramOutcome, programWords, runProgram } from '../../outside/run-program.ts';
import type { ConsumerAccess, ConsumerControl, Look } from './control.ts';

type CommandConsumer = Extract<Consumer, { kind: 'command' }>;

const SHOWN_CHARACTERS = 80;

export function commandControl(consumer: CommandConsumer, { signal }: ConsumerAccess): ConsumerControl {
  const { name, timeoutMs } = consumer;
  const run = async (command: readonly string[]): Promise<string> => {
    const outcome = await runProgram({ run: command, timeoutMs, signal });
    if (outcome.kind === 'exited' && outcome.code === 0) return outcome.lastLine;
    throw failure(outcome, command[0] ?? '', name);
  };
  return {
    look: async () => lookIn(await run(consumer.status)),
    pause: async () => void (await run(consumer.pause)),
    resume: async () => void (await run(consumer.resume)),
  };
}

function lookIn(line: string): Look {
  const said = line === '' ? 'it prints nothing' : `it prints "${line.slice(0, SHOWN_CHARACTERS)}"`;
  return { kind: line === 'stopped' || line === 'running' ? line : 'neither', said };
}

function failure(outcome: ProgramOutcome, program: string, name: string): ProblemError {
  return new ProblemError({
    code: 'consumer-command-failed',
    message: `a command of ${name} failed`,
    found: `${program}: ${programWords(outcome)}`,
    expected: 'exit code 0',
    next: `run it by hand where the worker runs, and look at ${name}`,
    retry: outcome.kind === 'not-started' ? 'stop' : 'retry',
  });
}
