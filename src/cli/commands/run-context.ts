/**
 * What the commands that talk to Temporal share: who asks, which checkout, where to print, and the connection around a
 * command. Their entry points make it; it reads no environment by itself.
 */
import type { Command } from 'commander';
import { connectTemporal, type TemporalLink } from '../../client/connect.ts';
import { findRun } from '../../client/find.ts';
import type { RunDescription } from '../../client/run-description.ts';
import { TASK_QUEUE } from '../../model/ids.ts';
import { ProblemError } from '../../model/problem.ts';
import type { Palette } from '../../report/palette.ts';
import { problemText } from '../../report/problem-text.ts';
import { COLUMNS } from '../../report/wrap.ts';
import { checkoutOf } from '../checkout.ts';
import type { Environment } from '../environment.ts';
import type { ExitCode } from '../exit-codes.ts';
import { paletteFor } from '../palette.ts';
import { problemOf } from '../print-problem.ts';
import { exitCodeOfProblem } from './run-exit-codes.ts';

export interface RunContext {
  readonly environment: Environment;
  /** The checkout: its runbooks and targets are looked at before anything is sent. */
  readonly root: string;
  /** How this command line is called, in the commands that are printed. */
  readonly cli: string;
  /** The runbook of a command line that has only one; undefined: it is named in the command. */
  readonly runbook?: string;
  readonly palette: Palette;
  /** To standard output, as it is. */
  readonly write: (text: string) => void;
  /** A line to standard error. */
  readonly warn: (text: string) => void;
  /** Told once, when a command has ended: 0 done, 1 failed, 2 refused or usage, 3 pending. */
  readonly exitWith: (code: ExitCode) => void;
  /** Whether lines may be replaced by later ones. */
  readonly terminal: 'interactive' | 'plain';
  /** How many characters fit a line of the terminal. */
  readonly columns: () => number;
}

/** The context of a program that writes to this process's own streams. */
export function runContext(
  program: Pick<RunContext, 'environment' | 'cli' | 'exitWith'> & { readonly runbook?: string },
): RunContext {
  const { stdout, stderr } = process;
  return {
    ...program,
    root: checkoutOf(program.environment),
    palette: paletteFor(stdout, program.environment),
    write: (text) => void stdout.write(text),
    warn: (text) => void stderr.write(`${text}\n`),
    terminal: stdout.isTTY && !program.environment.ci ? 'interactive' : 'plain',
    // A terminal that does not know its width says 0.
    columns: () => stdout.columns || COLUMNS,
  };
}

/**
 * Runs an action to its exit code: what it gives, and for a problem its own. With `--json` a problem is the one
 * document on standard output; otherwise it is text on standard error. Never throws.
 */
export async function act(
  context: RunContext,
  { name, json = false }: { readonly name: string; readonly json?: boolean | undefined },
  work: () => Promise<ExitCode>,
): Promise<void> {
  try {
    context.exitWith(await work());
  } catch (error) {
    const problem = problemOf(error, name);
    if (json) context.write(`${JSON.stringify({ problem }, null, 2)}\n`);
    else context.warn(problemText(problem, paletteFor(process.stderr, context.environment)));
    context.exitWith(exitCodeOfProblem(problem));
  }
}

/** How the commands that only look explain their argument. */
export const RUN_HELP = 'the target, or <runbook>/<target>; default: the only run that is open';

/** Runs `work` with a connection that is closed after it. */
export async function withTemporal<T>(context: RunContext, work: (link: TemporalLink) => Promise<T>): Promise<T> {
  const link = await connectTemporal(context.environment.forChild());
  try {
    return await work(link);
  } finally {
    await link.close();
  }
}

/** The run that an argument names; without one, the only one that is open. Errors: those of findRun. */
export async function wantedRun(context: RunContext, link: TemporalLink, text?: string): Promise<RunDescription> {
  return findRun(link, { text, runbooks: () => runbooksOf(context) });
}

/** Loaded when it is needed: the reader of runbooks brings a parser of SQL with it. */
async function runbooksOf({ runbook, root }: RunContext): Promise<readonly string[]> {
  if (runbook !== undefined) return [runbook];
  const { listRunbooks } = await import('../../runbook/load.ts');
  return listRunbooks(root);
}

/** Who says it: `--by`, else the user of the system. */
export function whoAsks(context: RunContext, by: string | undefined): string {
  const name = by ?? context.environment.user;
  if (name !== undefined && name.trim() !== '') return name;
  throw new ProblemError({
    code: 'sender-unknown',
    message: 'it is not known who says this',
    found: 'no --by, and neither USER nor LOGNAME is set',
    next: 'say it again with --by <name>',
  });
}

export function taskQueueOf(context: RunContext): string {
  return context.environment.lookup('DRYDOCK_TASK_QUEUE') ?? TASK_QUEUE;
}

/** `--json` on a command: one JSON document on standard output instead of text. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

/** The value as JSON where it is asked for, else as text. */
export function answer(context: RunContext, json: boolean | undefined, value: unknown, text: () => string): void {
  context.write(`${json ? JSON.stringify(value, null, 2) : text()}\n`);
}
