/**
 * The program of one runbook: its commands under commander, with usage errors in the same words and exit codes as all others.
 * `src/cli/<runbook>-migrate.ts` is this with a name.
 */
import type { Command } from 'commander';
import { holderAsker } from '../client/ask-holder.ts';
import type { IsHolderAlive } from '../migrator/alone-at-work.ts';
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
import { runCommand } from './run-command.ts';
import { parseAndRun, rootCommand } from './usage.ts';

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
  let exitCode: ExitCode = 0;
  const root = commanderFor(program, async (spec, flags) => {
    exitCode = await runCommand(program, spec, flags);
  });
  carryRunCommands(root, program, (code) => {
    exitCode = code;
  });
  process.exitCode = await parseAndRun(root, argv, { environment: program.environment, exitCode: () => exitCode });
}

function commanderFor(program: Program, run: (spec: CommandSpec, flags: CommonFlags) => Promise<void>): Command {
  const root = rootCommand(
    program.script,
    `The migrations of the runbook ${program.runbook}, and its runs on Temporal.`,
  );
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
