/** The plain way of reading arguments: where it gives an answer, it is the one that the parser of command lines gives. */
import { describe, expect, it } from 'vitest';
import type { CommandSpec, CommonFlags } from '../../../src/cli/command.ts';
import { addCommand } from '../../../src/cli/command-tree.ts';
import { plainFlags } from '../../../src/cli/plain-flags.ts';
import { COMMAND_NAMES, isPlanOnDatabase, loadCommands } from '../../../src/cli/registry.ts';
import { rootCommand } from '../../../src/cli/usage.ts';

const SPEC: CommandSpec = {
  name: 'try',
  about: 'A command of a test.',
  operands: [
    ['<first>', 'needed'],
    ['[others...]', 'as many as there are'],
  ],
  options: [
    ['--dry-run', 'a switch'],
    ['--to <version>', 'a value'],
    ['--cancel-blockers <who>...', 'values'],
    ['--sarif [file]', 'a value that may be left out'],
  ],
  work: async () => ({ json: null, text: '' }),
};

async function byParser(args: readonly string[], spec = SPEC): Promise<CommonFlags | undefined> {
  let given: CommonFlags | undefined;
  const root = rootCommand('program', 'of a test');
  addCommand(root, { runbook: undefined }, spec, async (flags) => {
    given = flags;
  });
  await root.parseAsync([spec.name, ...args], { from: 'user' });
  return given;
}

describe('a well-formed call', () => {
  it.each([
    [['one']],
    [['one', 'two', 'three', '--dry-run']],
    [['--dir', 'a b', 'one', '--schema', 'x', '--schema=y', '--ledger-schema', 'z', '--json']],
    [['one', '--to', '5', '--to', '6', '--cancel-blockers', 'report-*', '--cancel-blockers', 'user=app']],
    [['one', '--url', 'postgres://a:b=c@d/e', '--set', 'name=a=b', '--target=']],
  ])('%j is read as the parser reads it', async (args) => {
    expect(plainFlags(SPEC, args, undefined)).toEqual(await byParser(args));
  });
});

describe('a call that is not plainly right', () => {
  it.each([
    ['help', ['one', '--help']],
    ['an unknown switch', ['one', '--dri-run']],
    ['a value that is missing', ['one', '--to']],
    ['a value that looks like a switch', ['one', '--to', '--dry-run']],
    ['a value for a switch', ['one', '--dry-run=yes']],
    ['a value that may be left out', ['one', '--sarif']],
    ['too few operands', ['--dry-run']],
    ['the mark of the last switch', ['--', 'one']],
    ['a short switch', ['one', '-h']],
  ])('is left to the parser: %s', (_, args) => {
    expect(plainFlags(SPEC, args, undefined)).toBeUndefined();
  });

  it('is left to the parser where there are too many operands', () => {
    const { operands: _, ...none } = SPEC;
    expect(plainFlags(none, ['one'], undefined)).toBeUndefined();
    expect(plainFlags(none, [], undefined)).toEqual({ operands: [] });
  });

  it('on the command line of one runbook knows no directory', () => {
    expect(plainFlags(SPEC, ['one', '--dir', 'x'], 'small')).toBeUndefined();
    expect(plainFlags(SPEC, ['one', '--url', 'x'], 'small')).toEqual({ operands: ['one'], url: 'x' });
  });
});

describe('the list of commands', () => {
  it('has each under its own name', async () => {
    expect((await loadCommands()).map(({ name }) => name)).toEqual(COMMAND_NAMES);
  });

  it('knows a plan on a database from the plan of a run', () => {
    expect(isPlanOnDatabase(['plan', '--url', 'x'])).toBe(true);
    expect(isPlanOnDatabase(['plan', '--dir=x'])).toBe(true);
    expect(isPlanOnDatabase(['plan', 'communication/local', '--json'])).toBe(false);
    expect(isPlanOnDatabase(['status', '--dir=x'])).toBe(false);
  });
});
