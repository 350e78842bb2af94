/** The consumers of a target, asked by the checklist alone: with the secrets and programs of where it is called. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli } from '../support/processes.ts';
import { startService } from '../unit/drain/outside-service.ts';

let database: TestDatabase;
let checkout: string;

beforeAll(async () => {
  database = await freshDatabase({ template: 'core' });
  checkout = await mkdtemp(path.join(tmpdir(), 'drydock-check-consumers-'));
  for (const name of ['runbooks', 'migrations/communication', 'src/data/communication']) {
    await cp(path.join(ROOT, name), path.join(checkout, name), { recursive: true });
  }
});
afterAll(() => rm(checkout, { recursive: true, force: true }));

const targets = (url: string): string => `version: 1
targets:
  shop:
    environment: test
    url: { env: SHOP_URL }
    consumers:
      - name: mailer
        kind: http
        pause: { url: ${url}/pause }
        resume: { url: ${url}/resume }
        status: { url: ${url}/status, headers: { Authorization: { env: MAILER_TOKEN } }, field: state }
      - { name: scheduler, kind: command, pause: ["false"], resume: ["false"], status: [echo, stopped] }
`;

describe('check --target', () => {
  it('says what each consumer says, and fails where a secret of one is missing', async () => {
    const service = await startService(({ headers }) =>
      headers.authorization === 'Bearer hunter2' ? { body: '{"state":"running"}' } : { status: 401 },
    );
    await writeFile(path.join(checkout, 'drydock.yaml'), targets(service.url));
    const check = (more: Record<string, string>): Promise<CliResult> =>
      runCli([`${ROOT}src/cli/communication-migrate.ts`, 'check', '--target', 'shop', '--only', 'environment'], {
        env: { SHOP_URL: database.url, DRYDOCK_ROOT: checkout, ...more },
      });
    const fine = await check({ MAILER_TOKEN: 'Bearer hunter2' });
    expect(fine.stdout.match(/^ {4}consumer .*$/gm)).toEqual([
      '    consumer mailer: running: state is "running" (limit answers, may be paused)',
      '    consumer scheduler: stopped already, and stays so: it prints "stopped" (limit answers, may be paused)',
    ]);
    expect(fine.code).toBe(0);
    const without = await check({});
    expect(without.stdout).toContain('found:      environment variable MAILER_TOKEN: it is not set, or empty');
    expect(without.code).toBe(1);
    expect(service.calls()).toEqual(['GET /status']);
  });
});
