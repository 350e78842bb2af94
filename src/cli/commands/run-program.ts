/** The program of all runbooks: the commands that talk to Temporal, with usage errors in the words and exit codes of all others. */
import { Command, CommanderError } from 'commander';
import { ProblemError } from '../../model/problem.ts';
import { DRYDOCK } from '../../report/commands.ts';
import { problemText } from '../../report/problem-text.ts';
import { didYouMean } from '../../runbook/nearest.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import type { ExitCode } from '../exit-codes.ts';
import { paletteFor } from '../palette.ts';
import { addRunCommands } from './run-commands.ts';
import { runContext } from './run-context.ts';

/** Runs one command; gives its exit code. Never throws. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  // A reader such as `head` that has seen enough is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const environment = readEnvironment();
  let exitCode: ExitCode = 0;
  const program = new Command(DRYDOCK)
    .description('Runs of migration runbooks on Temporal: start, approve, watch, abort, report.')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => undefined });
  addRunCommands(
    program,
    runContext({
      environment,
      cli: DRYDOCK,
      exitWith: (code) => {
        exitCode = code;
      },
    }),
  );
  try {
    if (argv.length === 0) throw noCommand(program);
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return usageExit(program, environment, { error, argv });
  }
}

/** `--help` is commander's own way of ending; everything else it throws is a wrong call. */
function usageExit(
  program: Command,
  environment: Environment,
  { error, argv }: { readonly error: unknown; readonly argv: readonly string[] },
): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { problem } = error instanceof CommanderError ? usageProblem(program, error, argv) : (error as ProblemError);
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ problem }, null, 2)}\n`);
  else process.stderr.write(`${problemText(problem, paletteFor(process.stderr, environment))}\n`);
  return 2;
}

function usageProblem(program: Command, error: CommanderError, argv: readonly string[]): ProblemError {
  const message = error.message.replace(/^error: /, '').trim();
  const unknown = /^unknown command '(.*)'/.exec(message)?.[1];
  if (unknown === undefined) return new ProblemError({ code: 'usage', message, next: helpFor(program, argv) });
  return new ProblemError({
    code: 'usage',
    message: `there is no command "${unknown}"${didYouMean(unknown, namesOf(program))}`,
    expected: `one of ${namesOf(program).join(', ')}`,
    next: `${DRYDOCK} --help`,
  });
}

function noCommand(program: Command): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: 'no command was given',
    expected: `one of ${namesOf(program).join(', ')}`,
    next: `${DRYDOCK} --help`,
  });
}

/** The help of the command that was called, where it is one of ours. */
function helpFor(program: Command, [called = '']: readonly string[]): string {
  return namesOf(program).includes(called) ? `${DRYDOCK} ${called} --help` : `${DRYDOCK} --help`;
}

function namesOf(program: Command): string[] {
  return program.commands.map((command) => command.name());
}
