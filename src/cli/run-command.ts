/**
 * One call of one command from its flags to its exit code: the answer or the problem is printed, as text or as the one JSON
 * document, and what was opened is closed. It never throws.
 */
import type { Problem } from '../model/problem.ts';
import { PLAIN } from '../report/palette.ts';
import { problemText } from '../report/problem-text.ts';
import { openCall } from './call.ts';
import type { Answer, CommandSpec, CommonFlags } from './command.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import { listenForInterrupts } from './interrupts.ts';
import { invocationOf } from './invocation.ts';
import { chooseSet, type MigrationSet, setOrNone } from './migration-set.ts';
import { flushOutput, standardOutput } from './output.ts';
import { paletteFor } from './palette.ts';
import { finishedProblem, problemOf } from './print-problem.ts';
import type { Program } from './program.ts';

export async function runCommand(program: Program, spec: CommandSpec, flags: CommonFlags): Promise<ExitCode> {
  const interrupts = listenForInterrupts(() => {
    flushOutput();
    process.stderr.write('stopping …\n');
  });
  let set: MigrationSet | undefined;
  try {
    set = spec.migrations === 'not-needed' ? await setOrNone(flags, program) : await chooseSet(flags, program);
    const answer = await workOf(program, { spec, flags, set, signal: interrupts.signal });
    printAnswer(program, answer, { spec, flags, set });
    return answer.exitCode ?? 0;
  } catch (error) {
    const problem = problemOf(error, spec.name);
    printProblem(program, problem, { spec, flags, set });
    return exitCodeOf(problem);
  } finally {
    interrupts.stop();
  }
}

interface Called {
  readonly spec: CommandSpec;
  readonly flags: CommonFlags;
  readonly set: MigrationSet | undefined;
}

interface Working extends Called {
  readonly set: MigrationSet;
  readonly signal: AbortSignal;
}

async function workOf(program: Program, { spec, flags, set, signal }: Working): Promise<Answer> {
  const { environment, root, isHolderAlive } = program;
  const call = openCall({ set, environment, root, flags, signal, isHolderAlive });
  try {
    const working = spec.work(call, flags);
    // Opened by the time that it is needed, and after what the work waits for has been asked.
    setImmediate(standardOutput);
    const answer = await working;
    call.leave();
    return answer;
  } catch (error) {
    await call.close();
    throw error;
  }
}

function printAnswer(program: Program, answer: Answer, called: Called): void {
  if (called.flags.json) standardOutput().write(`${JSON.stringify(answer.json, null, 2)}\n`);
  else {
    if (answer.text !== '') standardOutput().write(`${answer.text}\n`);
    for (const problem of answer.problems ?? []) printProblem(program, problem, called);
  }
}

/** With `--json` a problem is the one document on standard output; otherwise it is text on standard error. */
function printProblem(program: Program, problem: Problem, { spec, flags, set }: Called): void {
  const troubleshooting = set?.runbook?.definition.troubleshooting ?? [];
  flushOutput();
  const finished = finishedProblem(problem, { invocation: invocationOf(program, spec, flags), troubleshooting });
  if (flags.json) standardOutput().write(`${JSON.stringify({ problem: finished }, null, 2)}\n`);
  else process.stderr.write(`${problemText(finished, paletteFor(process.stderr, program.environment) ?? PLAIN)}\n`);
}
