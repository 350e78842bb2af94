/** How a command line is parsed and ended, whichever commands it carries: wrong calls are Problems with exit code 2, like all refusals. */
import { Command, CommanderError } from 'commander';
import { DRYDOCK_VERSION } from '../migrator/version.ts';
import { ProblemError } from '../model/problem.ts';
import { problemText } from '../report/problem-text.ts';
import { didYouMean } from '../runbook/nearest.ts';
import type { Environment } from './environment.ts';
import type { ExitCode } from './exit-codes.ts';
import { paletteFor } from './palette.ts';

/** A program named as it has to be typed, that throws what commander would print and exit for. */
export function rootCommand(script: string, about: string): Command {
  return new Command(script)
    .description(about)
    .version(DRYDOCK_VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => undefined });
}

/** Sends the arguments to the program's commands. @returns 0 after `--help`, 2 after a wrong call, else what `exitCode` says at the end. */
export async function parseAndRun(
  root: Command,
  argv: readonly string[],
  { environment, exitCode }: { readonly environment: Environment; readonly exitCode: () => ExitCode },
): Promise<ExitCode> {
  try {
    if (argv.length === 0) throw noCommand(root);
    await root.parseAsync([...argv], { from: 'user' });
    return exitCode();
  } catch (error) {
    // Commander's own way of ending after `--help`.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    printUsage(
      error instanceof CommanderError ? usageProblem(root, error, argv) : (error as ProblemError),
      argv,
      environment,
    );
    return 2;
  }
}

function printUsage({ problem }: ProblemError, argv: readonly string[], environment: Environment): void {
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ problem }, null, 2)}\n`);
  else process.stderr.write(`${problemText(problem, paletteFor(process.stderr, environment))}\n`);
}

function usageProblem(root: Command, error: CommanderError, argv: readonly string[]): ProblemError {
  const message = error.message.replace(/^error: /, '').trim();
  const unknown = /^unknown command '(.*)'/.exec(message)?.[1];
  if (unknown === undefined) return new ProblemError({ code: 'usage', message, next: helpFor(root, argv) });
  return new ProblemError({
    code: 'usage',
    message: `there is no command "${unknown}"${didYouMean(unknown, namesOf(root))}`,
    expected: `one of ${namesOf(root).join(', ')}`,
    next: `${root.name()} --help`,
  });
}

function noCommand(root: Command): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: 'no command was given',
    expected: `one of ${namesOf(root).join(', ')}`,
    next: `${root.name()} --help`,
  });
}

/** The help of the command that was called, where it is one of ours. */
function helpFor(root: Command, [called = '']: readonly string[]): string {
  return namesOf(root).includes(called) ? `${root.name()} ${called} --help` : `${root.name()} --help`;
}

function namesOf(root: Command): string[] {
  return root.commands.map((command) => command.name());
}
