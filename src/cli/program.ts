/**
 * A program: its commands, its name, and from its arguments to its exit code. `src/cli/drydock.ts` and
 * `src/cli/<runbook>-migrate.ts` are this with a name.
 */
import type { IsHolderAlive } from '../migrator/alone-at-work.ts';
import { DRYDOCK_VERSION } from '../migrator/version.ts';
import { checkoutOf } from './checkout.ts';
import { type Environment, readEnvironment } from './environment.ts';
import type { ExitCode } from './exit-codes.ts';
import { standardOutput } from './output.ts';
import { plainFlags } from './plain-flags.ts';
import { isPlanOnDatabase, loadCommand, loadPlanOnDatabase } from './registry.ts';
import { runCommand } from './run-command.ts';

export interface Program {
  /** The only runbook of this command line; undefined: commands say on what they work. */
  readonly runbook: string | undefined;
  /** As the operator calls it: `pnpm tsx src/cli/communication-migrate.ts`. */
  readonly script: string;
  /** One sentence for help. */
  readonly about: string;
  readonly environment: Environment;
  /** The checkout. */
  readonly root: string;
  /** Whether the run that holds a claim is still under way. */
  readonly isHolderAlive: IsHolderAlive;
}

/** The program of one runbook: its migrations, and its runs on Temporal. */
export function runbookProgram({ runbook }: { readonly runbook: string }): Program {
  return programOf({
    runbook,
    script: `pnpm tsx src/cli/${runbook}-migrate.ts`,
    about: `The migrations of the runbook ${runbook}, and its runs on Temporal.`,
  });
}

/** The program of any runbook and any directory. */
export function drydockProgram(script: string): Program {
  return programOf({
    runbook: undefined,
    script,
    about: 'Migrations of any directory or runbook, and runs of migration runbooks on Temporal.',
  });
}

function programOf(named: Pick<Program, 'runbook' | 'script' | 'about'>): Program {
  const environment = readEnvironment();
  return {
    ...named,
    environment,
    root: checkoutOf(environment),
    isHolderAlive: async (holder) => {
      const { holderAsker } = await import('../client/ask-holder.ts');
      return holderAsker(environment.forChild())(holder);
    },
  };
}

/** Runs the program with the arguments of this process and sets its exit code. */
export async function main(program: Program, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  process.exitCode = tellVersion(argv) ?? (await runPlainly(program, argv)) ?? (await runFully(program, argv));
}

/** Without loading anything that works: scripts ask for it before each call. */
function tellVersion([first, ...others]: readonly string[]): ExitCode | undefined {
  if (first !== '--version' && first !== '-V') return undefined;
  const json = JSON.stringify({ version: DRYDOCK_VERSION }, null, 2);
  standardOutput().write(`${others.includes('--json') ? json : DRYDOCK_VERSION}\n`);
  return 0;
}

/** The exit code; undefined where the call is none of the migrator's commands, or not plainly right. */
async function runPlainly(program: Program, argv: readonly string[]): Promise<ExitCode | undefined> {
  const [name = '', ...args] = argv;
  const spec = await (isPlanOnDatabase(argv) ? loadPlanOnDatabase() : loadCommand(name));
  const flags = spec && plainFlags(spec, args, program.runbook);
  return spec && flags ? runCommand(program, spec, flags) : undefined;
}

async function runFully(program: Program, argv: readonly string[]): Promise<ExitCode> {
  standardOutput();
  const { runByTree } = await import('./command-tree.ts');
  return runByTree(program, argv);
}
