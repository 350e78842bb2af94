/** What is printed and exited with where a command was refused or failed. */
import { describe, expect, it } from 'vitest';
import { withExactCommands } from '../../../src/cli/exact-commands.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';

describe('the way out of a problem', () => {
  const invocation = {
    program: 'pnpm tsx cli.ts',
    commands: ['status', 'migrate', 'rollback'],
    where: '--url $URL',
    called: 'migrate',
  };
  const next = (text: string) =>
    withExactCommands({ code: 'c', message: 'm', next: text, retry: 'stop' }, invocation).next;

  it('names whole commands, without the URL', () => {
    expect(next('run `rollback` first, then `migrate --dry-run`')).toBe(
      'run pnpm tsx cli.ts rollback --url $URL first, then pnpm tsx cli.ts migrate --dry-run --url $URL',
    );
    expect(next('then run the same command again')).toBe('then run pnpm tsx cli.ts migrate --url $URL again');
    expect(next('run the same command with --allow-data-loss')).toBe(
      'run pnpm tsx cli.ts migrate --allow-data-loss --url $URL',
    );
  });

  it('leaves alone what is no command of this program', () => {
    expect(next('set `work_mem`')).toBe('set `work_mem`');
  });
});

it('what was refused ends with 2, what failed with 1', () => {
  expect(['usage', 'claim-held', 'migration-edited', 'pooled-connection'].map((code) => exitCodeOf({ code }))).toEqual([
    2, 2, 2, 2,
  ]);
  expect(
    ['migration-failed', 'lock-timeout', 'database-unreachable', 'interrupted'].map((code) => exitCodeOf({ code })),
  ).toEqual([1, 1, 1, 1]);
});
