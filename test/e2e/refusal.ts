/** A call of the migrator's command line that is refused, as the operator reads it. */
import { expect } from 'vitest';
import { runCli } from '../support/processes.ts';

export const PROGRAM = 'src/cli/communication-migrate.ts';
/** As it is printed. */
export const CALL = `pnpm tsx ${PROGRAM}`;

/** Exit code and what stands on standard error; standard output is empty, and nothing in either is a stack or a secret. */
export async function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await runCli([PROGRAM, ...args], { env });
  expect(`${stdout}${stderr}`).not.toMatch(/geheim|^\s+at .*:\d+:\d+/m);
  expect(stdout).toBe('');
  return { code, lines: stderr.split('\n').slice(0, -1) };
}
