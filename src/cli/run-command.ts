/**
 * One call of one command from its flags to its exit code: the answer or the problem is printed, as text or as the one JSON
 * document, and what was opened is closed. It never throws.
 */
import type { Problem } from '../model/problem.ts';
import { PLAIN } from '../report/palette.ts';
import { problemText } from '../report/problem-text.ts';
import { type LoadedRunbook, loadRunbook } from '../runbook/load.ts';
import { openCall } from './call.ts';
import type { Answer, CommandSpec, CommonFlags } from './command.ts';
import type { Invocation } from './exact-commands.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import { listenForInterrupts } from './interrupts.ts';
import { paletteFor } from './palette.ts';
import { finishedProblem, problemOf } from './print-problem.ts';
import type { Program } from './program.ts';

export async function runCommand(program: Program, spec: CommandSpec, flags: CommonFlags): Promise<ExitCode> {
  const interrupts = listenForInterrupts(() => process.stderr.write('stopping …\n'));
  let runbook: LoadedRunbook | undefined;
  try {
    runbook = await loadRunbook(program.runbook, program.root);
    const answer = await workOf(program, { spec, flags, runbook, signal: interrupts.signal });
    printAnswer(program, answer, { spec, flags, runbook });
    return answer.exitCode ?? 0;
  } catch (error) {
    const problem = problemOf(error, spec.name);
    printProblem(program, problem, { spec, flags, runbook });
    return exitCodeOf(problem);
  } finally {
    interrupts.stop();
  }
}

interface Called {
  readonly spec: CommandSpec;
  readonly flags: CommonFlags;
  readonly runbook: LoadedRunbook | undefined;
}

interface Working extends Called {
  readonly runbook: LoadedRunbook;
  readonly signal: AbortSignal;
}

async function workOf(program: Program, { spec, flags, runbook, signal }: Working): Promise<Answer> {
  const { environment, root, isHolderAlive } = program;
  const call = openCall({ runbook, environment, root, flags, signal, isHolderAlive });
  try {
    return await spec.work(call, flags);
  } finally {
    await call.close();
  }
}

function printAnswer(program: Program, answer: Answer, called: Called): void {
  if (called.flags.json) process.stdout.write(`${JSON.stringify(answer.json, null, 2)}\n`);
  else {
    if (answer.text !== '') process.stdout.write(`${answer.text}\n`);
    for (const problem of answer.problems ?? []) printProblem(program, problem, called);
  }
}

/** With `--json` a problem is the one document on standard output; otherwise it is text on standard error. */
function printProblem(program: Program, problem: Problem, { spec, flags, runbook }: Called): void {
  const invocation = invocationOf(program, spec, flags);
  const troubleshooting = runbook?.definition.troubleshooting ?? [];
  const finished = finishedProblem(problem, { invocation, troubleshooting });
  if (flags.json) process.stdout.write(`${JSON.stringify({ problem: finished }, null, 2)}\n`);
  else process.stderr.write(`${problemText(finished, paletteFor(process.stderr, program.environment) ?? PLAIN)}\n`);
}

function invocationOf(program: Program, spec: CommandSpec, flags: CommonFlags): Invocation {
  const named = flags.target === undefined ? (flags.url === undefined ? '' : '--url $URL') : `--target ${flags.target}`;
  return {
    program: program.script,
    commands: program.commands.map(({ name }) => name),
    database: named,
    called: calledWith(spec, flags),
  };
}

/** The command with the switches it was given; values of options are not repeated, they may be secret. */
function calledWith(spec: CommandSpec, flags: CommonFlags): string {
  const given = flags as Readonly<Record<string, unknown>>;
  const switches = (spec.options ?? []).map(([option]) => option).filter((option) => given[camelCase(option)] === true);
  return [spec.name, ...switches].join(' ');
}

function camelCase(option: string): string {
  return option.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
