/**
 * Which migrations a command works on: a runbook's, or a plain directory with the schemas it owns. Whoever has the set need
 * not know which of the two it was, except for what only a runbook has.
 */
import path from 'node:path';
import type { MigrationDirectory } from '../migrator/files.ts';
import { directoryOf } from '../migrator/runbook-directory.ts';
import { FORMAT_NAMES, type FormatName } from '../migrator/sources/format.ts';
import { ProblemError } from '../model/problem.ts';
import type { LoadedRunbook } from '../runbook/load.ts';
import { databaseVariable } from './environment.ts';

/** Its paths are printed relative to `root`: the checkout of a runbook, else the working directory. */
export interface MigrationSet
  extends Required<Omit<MigrationDirectory, 'placeholders' | 'placeholdersIn'>>,
    Pick<MigrationDirectory, 'placeholders' | 'placeholdersIn'> {
  /** The runbook's name, else the last folder of the directory. */
  readonly name: string;
  /** The schemas that the migrations own; at least one. */
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
  /** Where the URL is looked for that no flag gives. */
  readonly databaseVariable: string;
  readonly runbook?: LoadedRunbook;
}

/** What a command line says about it. */
export interface SetFlags {
  readonly dir?: string;
  /** One or more; default `public`. */
  readonly schema?: readonly string[];
  /** Default: the first schema. */
  readonly ledgerSchema?: string;
  /** Default `auto`. */
  readonly format?: string;
  /** `name=value`, for `${name}` in the files. */
  readonly set?: readonly string[];
  readonly runbook?: string;
  /** May give the placeholders of a runbook their values. */
  readonly target?: string;
}

export interface SetGround {
  /** The only runbook of this command line; undefined: the flags say. */
  readonly runbook: string | undefined;
  /** The checkout. */
  readonly root: string;
  /** As the command line is called. */
  readonly script: string;
}

/** Errors: `usage`, and those of loading a runbook. */
export async function chooseSet(flags: SetFlags, { runbook, root, script }: SetGround): Promise<MigrationSet> {
  const named = runbook ?? flags.runbook;
  if (flags.dir !== undefined && named !== undefined) throw bothGiven();
  if (named !== undefined) return ofRunbook(named, root, flags);
  if (flags.dir === undefined) throw noneGiven(script);
  return ofDirectory(flags.dir, flags);
}

/** The name of the set of a command that needs none and was given none. */
export const NO_MIGRATIONS = '';

/** For a command that works on a database whatever its migrations are. Errors: as `chooseSet`, but for naming none. */
export async function setOrNone(flags: SetFlags, ground: SetGround): Promise<MigrationSet> {
  if (flags.dir !== undefined || flags.runbook !== undefined || ground.runbook !== undefined)
    return chooseSet(flags, ground);
  return { ...ofDirectory('.', flags), name: NO_MIGRATIONS };
}

async function ofRunbook(name: string, root: string, flags: SetFlags): Promise<MigrationSet> {
  refuseDirectoryFlags(name, flags);
  // Loaded here because it brings the readers of YAML and SQL along, which a plain directory does not need.
  const { loadRunbook } = await import('../runbook/load.ts');
  const loaded = await onItsTarget(await loadRunbook(name, root), root, flags);
  const { schemas, ledgerSchema } = loaded.definition;
  return {
    name,
    ...directoryOf(loaded.definition, root),
    schemas,
    ledgerSchema,
    mirrors: 'required',
    numbers: 'consecutive',
    format: 'golang-migrate',
    databaseVariable: databaseVariable(name),
    runbook: loaded,
  };
}

/** The target is looked at only where its values count: a database may be had without one. */
async function onItsTarget(loaded: LoadedRunbook, root: string, { target }: SetFlags): Promise<LoadedRunbook> {
  if (loaded.definition.placeholders === undefined || target === undefined) return loaded;
  const [{ onTarget }, { findTarget }] = await Promise.all([
    import('../runbook/on-target.ts'),
    import('../runbook/targets.ts'),
  ]);
  return onTarget(loaded, await findTarget(target, root));
}

function ofDirectory(directory: string, flags: SetFlags): MigrationSet {
  if (directory === '') throw new ProblemError({ code: 'usage', message: '--dir is empty', next: 'give it a path' });
  const root = process.cwd();
  const schemas = flags.schema ?? ['public'];
  return {
    name: path.basename(path.resolve(root, directory)),
    directory,
    root,
    schemas,
    ledgerSchema: flags.ledgerSchema ?? schemas[0]!,
    mirrors: 'optional',
    numbers: 'any',
    format: formatOf(flags.format),
    databaseVariable: 'DATABASE_URL',
    ...(flags.set === undefined ? {} : { placeholders: valuesOf(flags.set) }),
  };
}

function formatOf(name: string | undefined): FormatName | 'auto' {
  if (name === undefined || name === 'auto') return 'auto';
  const format = FORMAT_NAMES.find((one) => one === name.toLowerCase());
  if (format) return format;
  throw new ProblemError({
    code: 'usage',
    message: `${name} is no format that is known`,
    expected: FORMAT_NAMES.join(', '),
    next: 'correct --format, or leave it out',
  });
}

function valuesOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(given.map(nameAndValue));
}

/** Lines have to stay what they are: errors name them. */
function nameAndValue(text: string): readonly [string, string] {
  const match = /^([^=\s{}]+)=([^\r\n]*)$/.exec(text);
  if (match) return [match[1]!, match[2]!];
  throw new ProblemError({
    code: 'usage',
    message: '--set has to be a name and a value',
    found: text.includes('=') ? 'a name with spaces or braces, or a value of several lines' : 'no "="',
    expected: `--set name=value, for \${name} in the files`,
    next: 'write it again',
  });
}

function noneGiven(script: string): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: 'it was not said which migrations',
    found: 'no --dir and no --runbook',
    expected: '--dir <path> with the migrations, or --runbook <name>',
    next: `${script} status --dir migrations --schema public --url $URL`,
  });
}

function bothGiven(): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: '--dir was given for a runbook',
    expected: 'one of them: a runbook names its own directory',
    next: 'leave one of them out',
  });
}

/** What only a plain directory is asked about; each names itself in the refusal. */
function refuseDirectoryFlags(name: string, { schema, ledgerSchema, format, set }: SetFlags): void {
  const all = { '--schema': schema, '--ledger-schema': ledgerSchema, '--format': format, '--set': set };
  const given = Object.entries(all).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (given.length === 0) return;
  const flags = given.join(' and ');
  const [verb, them] = given.length === 1 ? ['was', 'it'] : ['were', 'them'];
  throw new ProblemError({
    code: 'usage',
    message: `${flags} ${verb} given for the runbook ${name}`,
    expected: `${flags} with --dir only: a runbook says these things itself`,
    next: `leave ${them} out`,
  });
}
