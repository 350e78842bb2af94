/** What a command of the migrator is: its name, its switches, and its work on what the frame hands it. */

import type { IsHolderAlive } from '../migrator/alone-at-work.ts';
import type { Migrator, MigratorOptions } from '../migrator/migrator.ts';
import type { Problem } from '../model/problem.ts';
import type { Palette } from '../report/palette.ts';
import type { DatabaseChoice, DatabaseFlags } from './database-choice.ts';
import type { Environment } from './environment.ts';
import type { ExitCode } from './exit-codes.ts';
import type { MigrationSet, SetFlags } from './migration-set.ts';

/** What every command understands besides its own switches. */
export interface CommonFlags extends DatabaseFlags, SetFlags {
  readonly json?: boolean;
  /** What stands behind the command without dashes, as its `operands` declare; empty where it declares none. */
  readonly operands: readonly string[];
}

/** What a command says when it is done. */
export interface Answer {
  /** Printed with `--json`, as the only document on standard output. */
  readonly json: unknown;
  /** Printed otherwise, without a line break at its end; nothing where it is empty. */
  readonly text: string;
  /** Told on standard error as well, where the text does not say it all. */
  readonly problems?: readonly Problem[];
  /** Default 0. */
  readonly exitCode?: ExitCode;
}

/** What the frame gives a command to work with. */
export interface Call {
  /** The migrations: a runbook's, or a plain directory's. */
  readonly set: MigrationSet;
  readonly environment: Environment;
  /** The checkout. */
  readonly root: string;
  readonly palette: Palette;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Whether the run that holds a claim is still under way; undefined where nobody can be asked. */
  readonly isHolderAlive: IsHolderAlive | undefined;
  /** Progress: standard output, with `--json` standard error. */
  print(line: string): void;
  /** The database that the flags or the environment name. Errors: `usage`, `database-url-missing`, those of targets. */
  database(): Promise<DatabaseChoice>;
  /** What `migrator` opens one with, for a command that opens its own. */
  migratorOptions(): Promise<MigratorOptions>;
  /** A migrator for that database, closed by the frame; its events are printed. */
  migrator(options?: Partial<MigratorOptions>): Promise<Migrator>;
}

export interface CommandSpec<Flags extends object = object> {
  readonly name: string;
  readonly about: string;
  /** What is given without dashes, as commander writes it: `<version>`, `[paths...]`. They arrive as `flags.operands`. */
  readonly operands?: readonly (readonly [operand: string, about: string])[];
  /**
   * As commander writes them, each with its sentence: `--exit-code`, `--holder <workflow id>`. `--set <name=value>...` may be
   * given several times and arrives as an array.
   */
  readonly options?: readonly (readonly [flags: string, about: string])[];
  /** `not-needed`: it works on a database without knowing its migrations, and may be called without naming any. */
  readonly migrations?: 'not-needed';
  work(call: Call, flags: Flags & CommonFlags): Promise<Answer>;
}
