import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { readEnvironment } from '../../../src/cli/environment.ts';

test('every variable has a typed place, and an empty one counts as not set', () => {
  const environment = readEnvironment({
    COMMUNICATION_DATABASE_URL: 'postgresql://a',
    AUTHZ_DATABASE_URL: '',
    TEMPORAL_ADDRESS: 'temporal:7233',
    TEMPORAL_NAMESPACE: 'ops',
    LOGNAME: 'kim',
    USER: '',
    CI: 'true',
    NO_COLOR: '1',
    PATH: '/bin',
    DRYDOCK_CACHE_DIR: '/cache',
  });
  expect(environment.databaseUrl('communication')).toBe('postgresql://a');
  expect(environment.databaseUrl('authz')).toBeUndefined();
  expect(environment).toMatchObject({
    temporalAddress: 'temporal:7233',
    temporalNamespace: 'ops',
    user: 'kim',
    ci: true,
    noColor: true,
    path: '/bin',
    cacheDir: '/cache',
  });
});

test('nothing set gives the defaults', () => {
  expect(readEnvironment({})).toMatchObject({
    temporalAddress: undefined,
    temporalNamespace: 'default',
    user: undefined,
    ci: false,
    noColor: false,
    path: '',
    cacheDir: `${homedir()}/.cache/drydock`,
  });
  expect(readEnvironment({ CI: 'false' }).ci).toBe(false);
  expect(readEnvironment({ XDG_CACHE_HOME: '/x' }).cacheDir).toBe('/x/drydock');
  expect(readEnvironment({ HOME: '/home/kim' }).cacheDir).toBe('/home/kim/.cache/drydock');
});

test('a child gets everything, with additions and without what is taken away', () => {
  const environment = readEnvironment({ A: '1', B: '2', C: undefined });
  expect(environment.forChild({ B: undefined, D: '4' })).toEqual({ A: '1', D: '4' });
  expect(() => Object.assign(environment, { ci: true })).toThrow(TypeError);
});
