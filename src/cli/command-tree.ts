/**
 * The whole command line under commander: help, wrong calls, and the commands that talk to Temporal. The migrator's commands
 * come here only where the plain way of reading their arguments did not do.
 */
import { type Command, Option } from 'commander';
import type { CommandSpec, CommonFlags } from './command.ts';
import { addRunCommands } from './commands/run-commands.ts';
import { runContext } from './commands/run-context.ts';
import { declaredOption, optionsOf } from './declared-options.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Program } from './program.ts';
import { isPlanOnDatabase, loadCommands, loadPlanOnDatabase } from './registry.ts';
import { runCommand } from './run-command.ts';
import { parseAndRun, rootCommand } from './usage.ts';

/** Sends the arguments to the program's commands, and gives the exit code. */
export async function runByTree(program: Program, argv: readonly string[]): Promise<ExitCode> {
  const { environment, script, runbook } = program;
  let exitCode: ExitCode = 0;
  const exitWith = (code: ExitCode): void => {
    exitCode = code;
  };
  const root = rootCommand(script, program.about);
  const planned = isPlanOnDatabase(argv);
  for (const spec of [...(await loadCommands()), ...(planned ? [await loadPlanOnDatabase()] : [])]) {
    addCommand(root, program, spec, async (flags) => exitWith(await runCommand(program, spec, flags)));
  }
  const context = runContext({ environment, cli: script, exitWith, ...(runbook === undefined ? {} : { runbook }) });
  addRunCommands(root, context, planned ? 'without-plan' : 'all');
  return parseAndRun(root, argv, { environment, exitCode: () => exitCode });
}

export function addCommand(
  root: Command,
  { runbook }: Pick<Program, 'runbook'>,
  spec: CommandSpec,
  run: (flags: CommonFlags) => Promise<void>,
): void {
  const command = root.command(spec.name).description(spec.about);
  for (const [operand, about] of spec.operands ?? []) command.argument(operand, about);
  for (const [flags, about] of optionsOf(spec, runbook)) command.addOption(optionFor(flags, about));
  command.action((...given: unknown[]) => {
    const values = given.slice(0, -2).flat();
    const operands = values.filter((one): one is string => typeof one === 'string');
    return run({ ...(given.at(-2) as Omit<CommonFlags, 'operands'>), operands });
  });
}

function optionFor(flags: string, about: string): Option {
  const { declaration, repeatable } = declaredOption(flags);
  const option = new Option(declaration, about);
  if (!repeatable) return option;
  return option.argParser((value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value]);
}
