/**
 * Makes the way out of a problem one that can be pasted: commands that are named in backticks, and "the same command", become
 * the whole command line. The URL is never written out, because it may hold a password.
 */
import type { Problem } from '../model/problem.ts';

export interface Invocation {
  /** `pnpm tsx src/cli/communication-migrate.ts`. */
  readonly program: string;
  /** The names of all commands. */
  readonly commands: readonly string[];
  /** How migrations and database were named: `--dir migrations --url $URL`, `--target demo`, or empty where nothing was. */
  readonly where: string;
  /** The command that was called, with its switches: `migrate --dry-run`. */
  readonly called: string;
}

/** The problem with exact commands in its `next`. */
export function withExactCommands(problem: Problem, invocation: Invocation): Problem {
  if (problem.next === undefined) return problem;
  const next = problem.next
    .replace(/`([a-z-]+)((?: [^`]*)?)`/g, (whole, name: string, rest: string) =>
      invocation.commands.includes(name) ? commandLine(invocation, `${name}${rest}`) : whole,
    )
    .replace(/the same command with (--[\w-]+)/g, (_, flag: string) =>
      commandLine(invocation, `${invocation.called} ${flag}`),
    )
    .replace(/the same command again/g, `${commandLine(invocation, invocation.called)} again`);
  return { ...problem, next };
}

function commandLine({ program, where }: Invocation, command: string): string {
  return [program, command, where].filter((part) => part !== '').join(' ');
}
