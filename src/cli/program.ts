/**
 * The program of one runbook: its commands under commander, with usage errors in the same words and exit codes as all others.
 * `src/cli/<runbook>-migrate.ts` is this with a name.
 */
import { Command, CommanderError } from 'commander';
import { holderAsker } from '../client/ask-holder.ts';
import type { IsHolderAlive } from '../migrator/alone-at-work.ts';
import { ProblemError } from '../model/problem.ts';
import { problemText } from '../report/problem-text.ts';
import { didYouMean } from '../runbook/nearest.ts';
import { checkoutOf } from './checkout.ts';
import type { CommandSpec, CommonFlags } from './command.ts';
import { migrateCommand } from './commands/migrate.ts';
import { releaseClaimCommand } from './commands/release-claim.ts';
import { resetCommand } from './commands/reset.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { carryRunCommands } from './commands/run-commands.ts';
import { statusCommand } from './commands/status.ts';
import { verifyCommand } from './commands/verify.ts';
import { databaseVariable, type Environment, readEnvironment } from './environment.ts';
import type { ExitCode } from './exit-codes.ts';
import { paletteFor } from './palette.ts';
import { runCommand } from './run-command.ts';

export interface Program {
  /** Name of the runbook, and of its database's variable. */
  readonly runbook: string;
  /** As the operator calls it: `pnpm tsx src/cli/communication-migrate.ts`. */
  readonly script: string;
  readonly environment: Environment;
  /** The checkout. */
  readonly root: string;
  readonly commands: readonly CommandSpec[];
  /** Whether the run that holds a claim is still under way. */
  readonly isHolderAlive: IsHolderAlive;
}

export interface ProgramOptions {
  readonly runbook: string;
  /** Default `pnpm tsx src/cli/<runbook>-migrate.ts`. */
  readonly script?: string;
  /** Besides those of the migrator. */
  readonly commands?: readonly CommandSpec[];
}

/** The commands that work without Temporal. */
export const MIGRATOR_COMMANDS: readonly CommandSpec[] = [
  statusCommand,
  migrateCommand,
  rollbackCommand,
  resetCommand,
  verifyCommand,
  releaseClaimCommand,
];

/** The program of one runbook: its migrations, and its runs on Temporal. */
export function runbookProgram({ runbook, script, commands }: ProgramOptions): Program {
  const environment = readEnvironment();
  return {
    runbook,
    script: script ?? `pnpm tsx src/cli/${runbook}-migrate.ts`,
    environment,
    root: checkoutOf(environment),
    commands: [...MIGRATOR_COMMANDS, ...(commands ?? [])],
    isHolderAlive: holderAsker(environment.forChild()),
  };
}

/** Runs the program with the arguments of this process and sets its exit code. */
export async function main(program: Program, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  // A reader such as `head` that has seen enough is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.exitCode = await runProgram(program, argv);
}

async function runProgram(program: Program, argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const commander = commanderFor(program, async (spec, flags) => {
    exitCode = await runCommand(program, spec, flags);
  });
  carryRunCommands(commander, program, (code) => {
    exitCode = code;
  });
  try {
    if (argv.length === 0) throw noCommand(program, commander);
    await commander.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return usageExit(program, commander, { error, form: argv.includes('--json') ? 'json' : 'text' });
  }
}

function commanderFor(program: Program, run: (spec: CommandSpec, flags: CommonFlags) => Promise<void>): Command {
  const root = new Command(program.script)
    .description(`The migrations of the runbook ${program.runbook}.`)
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => undefined });
  for (const spec of program.commands) {
    const command = root.command(spec.name).description(spec.about);
    command.option('--url <url>', `the database; default: the variable ${databaseVariable(program.runbook)}`);
    command.option('--target <name>', 'the database of a target in drydock.yaml');
    for (const [flags, about] of spec.options ?? []) command.option(flags, about);
    command.option('--json', 'print one JSON document; progress goes to standard error');
    command.action((flags: CommonFlags) => run(spec, flags));
  }
  return root;
}

/** `--help` is commander's own way of ending; everything else it throws is a wrong call. */
function usageExit(
  program: Program,
  root: Command,
  { error, form }: { readonly error: unknown; readonly form: 'text' | 'json' },
): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { problem } = error instanceof CommanderError ? usageProblem(program, root, error) : (error as ProblemError);
  const text = form === 'json' ? JSON.stringify({ problem }, null, 2) : '';
  if (form === 'json') process.stdout.write(`${text}\n`);
  else process.stderr.write(`${problemText(problem, paletteFor(process.stderr, program.environment))}\n`);
  return 2;
}

function usageProblem(program: Program, root: Command, error: CommanderError): ProblemError {
  const message = error.message.replace(/^error: /, '').trim();
  const unknown = /^unknown command '(.*)'/.exec(message)?.[1];
  const names = namesOf(root);
  return new ProblemError({
    code: 'usage',
    message: unknown === undefined ? message : `there is no command "${unknown}"${didYouMean(unknown, names)}`,
    ...(unknown === undefined ? {} : { expected: `one of ${names.join(', ')}` }),
    next: `${program.script} --help`,
  });
}

function noCommand(program: Program, root: Command): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: 'no command was given',
    expected: `one of ${namesOf(root).join(', ')}`,
    next: `${program.script} --help`,
  });
}

function namesOf(root: Command): string[] {
  return root.commands.map((command) => command.name());
}
