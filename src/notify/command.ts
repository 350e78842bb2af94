/** Tells by a program: the message comes as JSON on its standard input. */
import type { NotificationMessage, Notifier } from '../model/notification.ts';
import { ProblemError } from '../model/problem.ts';
import { programWords, runProgram } from '../outside/run-program.ts';

type Command = Extract<Notifier, { kind: 'command' }>;

const TIMEOUT_MS = 10_000;

/** Errors: `notification-failed`, `interrupted`. */
export async function tellCommand(
  { name, run }: Command,
  message: NotificationMessage,
  { signal, timeoutMs = TIMEOUT_MS }: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
): Promise<void> {
  const outcome = await runProgram({ run, timeoutMs, input: `${JSON.stringify(message)}\n`, signal });
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  throw new ProblemError({
    code: 'notification-failed',
    message: `${name} could not be told`,
    found: `${run[0]}: ${programWords(outcome)}`,
    expected: 'exit code 0',
    next: 'run it by hand where the worker runs, with a message on its standard input',
    retry: outcome.kind === 'not-started' ? 'stop' : 'retry',
  });
}
