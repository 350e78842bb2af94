import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readEnvironment, type Variables } from '../../src/cli/environment.ts';
import { fetchSet } from './fetch-set.ts';
import { PUBLISHED_SETS } from './sets.ts';

const cacheDir = mkdtempSync(join(tmpdir(), 'drydock-sets-'));
afterAll(() => rmSync(cacheDir, { recursive: true }));

const [set] = PUBLISHED_SETS;
const where = (extra: Variables) =>
  readEnvironment(readEnvironment().forChild({ DRYDOCK_CACHE_DIR: cacheDir, ...extra }));

test.each([
  ['a proxy that does not answer', { GOPROXY: 'off' }],
  ['a machine without Go', { PATH: '/nonexistent' }],
])('%s is a reason to skip, and leaves nothing half done', async (_, variables) => {
  expect(await fetchSet(set!, where(variables))).toEqual({
    kind: 'missing',
    reason: expect.stringContaining('github.com/coder/coder/v2@v2.17.0 could not be fetched: '),
  });
  expect(readdirSync(join(cacheDir, 'published'))).toEqual([]);
});
