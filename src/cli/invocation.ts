/** How a command was called, as text that can be pasted: for the way out of a problem. */
import type { CommandSpec, CommonFlags } from './command.ts';
import { declaredOption } from './declared-options.ts';
import type { Invocation } from './exact-commands.ts';
import type { Program } from './program.ts';
import { COMMAND_NAMES } from './registry.ts';

type Given = Readonly<Record<string, unknown>>;

export function invocationOf({ script }: Pick<Program, 'script'>, spec: CommandSpec, flags: CommonFlags): Invocation {
  return { program: script, commands: COMMAND_NAMES, where: whereOf(flags), called: calledWith(spec, flags) };
}

/** Which migrations and which database. Values of placeholders are left out; the URL is never written out, because it may hold a password. */
function whereOf({ dir, schema, ledgerSchema, format, set, runbook, url, target }: CommonFlags): string {
  return [
    ...option('--dir', dir),
    ...(schema ?? []).flatMap((name) => option('--schema', name)),
    ...option('--ledger-schema', ledgerSchema),
    ...option('--format', format),
    ...(set ?? []).map((one) => `--set ${one.replace(/=.*/s, '=VALUE')}`),
    ...option('--runbook', runbook),
    ...(url === undefined ? [] : ['--url $URL']),
    ...option('--target', target),
  ].join(' ');
}

/** The command with what it was given. */
function calledWith(spec: CommandSpec, flags: CommonFlags): string {
  const given = flags as unknown as Given;
  const options = (spec.options ?? []).flatMap(([declaration]) => optionAsGiven(declaration, given));
  return [spec.name, ...flags.operands.map(quoted), ...options].join(' ');
}

function optionAsGiven(flags: string, given: Given): string[] {
  const { key, declaration } = declaredOption(flags);
  const name = declaration.split(' ')[0]!;
  const value = given[key];
  if (value === true) return [name];
  const values = (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
  return values.map((one) => `${name} ${isUrl(one) ? '$OTHER_URL' : quoted(one)}`);
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name} ${quoted(value)}`];
}

/** Of a second database: it may hold a password as well as the first one. */
function isUrl(value: string): boolean {
  return /^[a-z][a-z+.-]*:\/\//i.test(value);
}

/** As a shell reads it back. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
