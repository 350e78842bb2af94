/** Every command line says which version it is, in one line, without a runbook, a database or Temporal. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runCli } from '../support/processes.ts';

const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };

it.each(['drydock', 'communication-migrate', 'authz-migrate'])('%s', async (name) => {
  const call = (...args: string[]) => runCli([`src/cli/${name}.ts`, ...args]);
  expect(await call('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  expect(await call('-V')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  expect(JSON.parse((await call('--version', '--json')).stdout)).toEqual({ version });
  expect((await call('--help')).stdout).toMatch(/\n {2}-V, --version +print the version\n/);
});
