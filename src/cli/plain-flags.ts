/**
 * Reads the arguments of a well-formed call without a parser of command lines, which takes longer to load than many commands
 * take to work. Whatever is not plainly right is left to that parser, which has the words for it.
 */
import type { CommandSpec, CommonFlags } from './command.ts';
import { type Declared, declaredOption, optionsOf } from './declared-options.ts';

/** The flags; undefined where the call asks for help, or is not understood. */
export function plainFlags(
  spec: CommandSpec,
  args: readonly string[],
  runbook: string | undefined,
): CommonFlags | undefined {
  const declared = new Map(
    optionsOf(spec, runbook).map(([flags]) => {
      const one = declaredOption(flags);
      return [one.declaration.split(' ')[0]!, one] as const;
    }),
  );
  const flags: Record<string, unknown> = {};
  const operands: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index]!;
    if (!word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const option = declared.get(equals < 0 ? word : word.slice(0, equals));
    if (!option || option.value === 'optional') return undefined;
    const value = argumentOf(option, equals < 0 ? args[index + 1] : word.slice(equals + 1), equals >= 0);
    if (value === undefined) return undefined;
    if (option.value === 'one' && equals < 0) index += 1;
    flags[option.key] = option.repeatable ? [...((flags[option.key] as string[]) ?? []), value] : value;
  }
  return fits(spec, operands) ? ({ ...flags, operands } as CommonFlags) : undefined;
}

function argumentOf(option: Declared, text: string | undefined, joined: boolean): string | true | undefined {
  if (option.value === 'none') return joined ? undefined : true;
  return text === undefined || (!joined && text.startsWith('-')) ? undefined : text;
}

function fits(spec: CommandSpec, operands: readonly string[]): boolean {
  const declared = (spec.operands ?? []).map(([operand]) => operand);
  const required = declared.filter((operand) => operand.startsWith('<')).length;
  const most = declared.some((operand) => operand.includes('...')) ? Number.POSITIVE_INFINITY : declared.length;
  return operands.length >= required && operands.length <= most;
}
