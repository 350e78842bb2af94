/** Who drops everything in a production types its name once more. */
import { ProblemError } from '../model/problem.ts';
import type { DatabaseChoice } from './database-choice.ts';

/** The switch that every command has which may drop everything. */
export const CONFIRM = ['--confirm <name>', 'the name of the target, where it is a production'] as const;

export interface Confirmation {
  /** What was typed behind `--confirm`. */
  readonly confirm: string | undefined;
  /** As it has to be called again: `reset`. */
  readonly command: string;
  /** In words, with its article. */
  readonly what: string;
}

/** A URL alone says nothing about what it leads to; a target does. Errors: `confirmation-missing`. */
export function requireConfirmation({ target }: DatabaseChoice, { confirm, command, what }: Confirmation): void {
  if (target?.environment !== 'production' || confirm === target.name) return;
  throw new ProblemError({
    code: 'confirmation-missing',
    message: `the target ${target.name} is a production: ${what} drops everything in it`,
    found: confirm === undefined ? 'no --confirm' : `--confirm ${confirm}`,
    expected: `--confirm ${target.name}`,
    next: `if it is meant, run \`${command} --confirm ${target.name}\``,
  });
}
