/** The switches that every command of the migrator has, by the command line that carries it. */
import type { CommandSpec } from './command.ts';
import { databaseVariable } from './environment.ts';

type Options = NonNullable<CommandSpec['options']>;

/** All switches of a command in the order of its help. `runbook`: the only one of the command line, if it has only one. */
export function optionsOf(spec: Pick<CommandSpec, 'options'>, runbook: string | undefined): Options {
  return [...whereOptions(runbook), ...(spec.options ?? []), JSON_OPTION];
}

/** Those that say which migrations and which database. */
export function whereOptions(runbook: string | undefined): Options {
  const target = ['--target <name>', 'the database of a target in drydock.yaml'] as const;
  if (runbook !== undefined) {
    return [['--url <url>', `the database; default: the variable ${databaseVariable(runbook)}`], target];
  }
  return [
    ['--dir <path>', 'the directory with the migrations'],
    ['--schema <name>...', 'a schema that they own, once for each; default: public'],
    ['--ledger-schema <name>', 'where their ledger is kept; default: the first schema'],
    ['--format <name>', 'the tool whose layout the directory has, where that cannot be told from its files'],
    ['--set <name=value>...', `what stands for \${name} in the files`],
    ['--runbook <name>', 'instead of a directory: the migrations of a runbook'],
    ['--url <url>', 'the database; default: the variable DATABASE_URL, or <RUNBOOK>_DATABASE_URL'],
    target,
  ];
}

const JSON_OPTION = ['--json', 'print one JSON document; progress goes to standard error'] as const;

/** A declared switch taken apart: `--set <name=value>...` is `set`, with a value, repeatable. */
export interface Declared {
  /** As the flags of a command hold it: `ledgerSchema`. */
  readonly key: string;
  readonly value: 'none' | 'one' | 'optional';
  readonly repeatable: boolean;
  /** Without the mark of repetition. */
  readonly declaration: string;
}

export function declaredOption(flags: string): Declared {
  const repeatable = flags.endsWith('...');
  const declaration = repeatable ? flags.slice(0, -3) : flags;
  const [name = '', ...value] = declaration.split(' ');
  const kind = value.length === 0 ? 'none' : value[0]!.startsWith('[') ? 'optional' : 'one';
  const key = name.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { key, value: kind, repeatable, declaration };
}
