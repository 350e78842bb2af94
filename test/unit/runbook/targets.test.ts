import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveUrl } from '../../../src/runbook/target-url.ts';
import { findTarget, loadTargets, requireRunbookAllowed, targetView } from '../../../src/runbook/targets.ts';
import { type Checkout, makeCheckout, problemOf } from './checkout.ts';

const GOOD = `version: 1
targets:
  small:
    environment: development
    url: { env: SMALL_URL }
  production:
    environment: production
    url: { file: /run/secrets/url }
    runbooks: [communication]
    taskQueue: drydock-production
    replicas: { expected: 2 }
    backups: { archives: [/backups/**/*.dump] }
    seeds: false
    window: { drain: 10m, approvalTimeout: 8h, drainTimeout: 1h }
    drain: { kind: observe }
    onUndoFailed: release
    holdAtMost: 15m
    saveDirectory: /var/saved
`;

const BROKEN = `version: 1
targets:
  Prod:
    environment: production
    url: postgres://root:hunter2@db/prod
  other:
    enviroment: production
    url: { env: 'postgres://root:hunter2@db/prod' }
    replicas: { expected: -1 }
    onUndoFailed: relase
  third:
    environment: x
    url: { env: A, file: postgres://root:hunter2@db/prod }
    drain: { kind: pgbouncr }
    holdAtMost: soon
  fourth:
    environment: x
    url: {}
`;

describe('the targets file', () => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await makeCheckout({ 'drydock.yaml': GOOD });
  });
  afterAll(() => checkout.remove());

  it('fills in the defaults of a target that says only the least', async () => {
    expect(await findTarget('small', checkout.root)).toEqual({
      view: {
        name: 'small',
        environment: 'development',
        urlSource: 'environment variable SMALL_URL',
        replicas: { expected: 0 },
        backups: { archives: [] },
        seeds: false,
        window: {},
        drain: { kind: 'observe' },
        onUndoFailed: 'hold',
        holdAtMostMs: 3_600_000,
        saveDirectory: '.drydock/saved',
      },
      url: { kind: 'env', variable: 'SMALL_URL' },
    });
  });

  it('reads everything that can be said about a target', async () => {
    const target = await findTarget('production', checkout.root);
    expect(target.url).toEqual({ kind: 'file', path: '/run/secrets/url' });
    expect(targetView(target)).toEqual({
      name: 'production',
      environment: 'production',
      urlSource: 'file /run/secrets/url',
      taskQueue: 'drydock-production',
      replicas: { expected: 2 },
      backups: { archives: ['/backups/**/*.dump'] },
      seeds: false,
      window: { approvalTimeoutMs: 28_800_000, drainMs: 600_000, drainTimeoutMs: 3_600_000 },
      drain: { kind: 'observe' },
      onUndoFailed: 'release',
      holdAtMostMs: 900_000,
      saveDirectory: '/var/saved',
    });
  });

  it('lets only the listed runbooks run', async () => {
    const target = await findTarget('production', checkout.root);
    requireRunbookAllowed(target, 'communication');
    expect(() => requireRunbookAllowed(target, 'authz')).toThrow(
      'the target production does not take the runbook authz',
    );
  });

  it('names the targets there are when it is asked for another', async () => {
    expect(await problemOf(findTarget('prodution', checkout.root))).toEqual({
      retry: 'stop',
      code: 'target-unknown',
      message: 'there is no target "prodution"',
      found: 'drydock.yaml holds small, production',
      expected: 'did you mean "production"?',
      next: 'use one of these, or add prodution to drydock.yaml',
    });
  });

  it('says all problems at once and repeats no literal URL', async () => {
    const other = await makeCheckout({ 'drydock.yaml': BROKEN });
    const problem = await problemOf(loadTargets(other.root));
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect(problem).toEqual({
      retry: 'stop',
      code: 'targets-invalid',
      message: 'drydock.yaml has 11 problems',
      found: `drydock.yaml:3:3: "Prod": a name is lower-case letters, digits and dashes, and starts with a letter
drydock.yaml:5:10: url: a URL is a secret and does not belong in this file: write { env: NAME } for an environment variable of the worker, or { file: path } for a secret that is mounted as a file
drydock.yaml:7:5: unknown key "enviroment"; did you mean "environment"?
drydock.yaml:8:17: env: not the name of an environment variable, such as COMMUNICATION_DATABASE_URL
drydock.yaml:9:27: expected: the least is 0
drydock.yaml:10:19: onUndoFailed: expected one of hold, release, found "relase"; did you mean "release"?
drydock.yaml:13:10: url: give either "env", the name of an environment variable, or "file", a path
drydock.yaml:13:26: file: this looks like a URL; write the path of the file that holds it
drydock.yaml:14:20: kind: expected one of observe, pgbouncer, read-only, found "pgbouncr"; did you mean "pgbouncer"?
drydock.yaml:15:17: holdAtMost: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m
drydock.yaml:18:10: url: give either "env", the name of an environment variable, or "file", a path`,
      next: 'correct these lines of drydock.yaml and run the same command again',
    });
    await other.remove();
  });

  it('refuses a window beyond its limits', async () => {
    const window = '{ drain: 0s, approvalTimeout: 31d, drainTimeout: 12h1s }';
    const text = GOOD.replace('{ drain: 10m, approvalTimeout: 8h, drainTimeout: 1h }', window);
    const other = await makeCheckout({ 'drydock.yaml': text });
    const { found } = await problemOf(loadTargets(other.root));
    await other.remove();
    expect(found).toBe(
      [
        'drydock.yaml:14:22: drain: has to be more than 0 and at most 12 h',
        'drydock.yaml:14:43: approvalTimeout: has to be more than 0 and at most 30 d',
        'drydock.yaml:14:62: drainTimeout: has to be more than 0 and at most 12 h',
      ].join('\n'),
    );
  });

  it('is asked for where it is missing', async () => {
    const other = await makeCheckout();
    expect((await problemOf(loadTargets(other.root))).message).toBe('there is no drydock.yaml here');
    await other.remove();
  });

  it('of this checkout holds the targets of README and demo', async () => {
    const names = (await loadTargets(process.cwd())).map(({ view }) => [view.name, view.urlSource, view.seeds]);
    expect(names).toEqual([
      ['local', 'environment variable COMMUNICATION_DATABASE_URL', false],
      ['local-authz', 'environment variable AUTHZ_DATABASE_URL', false],
      ['dev', 'environment variable DRYDOCK_DEV_DATABASE_URL', true],
      ['demo', 'environment variable DRYDOCK_DEMO_DATABASE_URL', true],
      ['demo-unseeded-core', 'environment variable DRYDOCK_DEMO_EMPTY_DATABASE_URL', true],
    ]);
  });
});

describe('resolveUrl', () => {
  const target = (url: Parameters<typeof resolveUrl>[0]['url']) =>
    ({ view: { name: 'demo' }, url }) as Parameters<typeof resolveUrl>[0];
  const sources = {
    lookup: (name: string) => ({ FULL: ' postgres://x \n', BLANK: ' ' })[name],
    readFile: async (path: string) => {
      if (path === 'there') return 'postgres://y\n';
      throw Object.assign(new Error('nope'), { code: 'ENOENT' });
    },
  };

  it('takes the URL from the variable or the file that the target names', async () => {
    expect(await resolveUrl(target({ kind: 'env', variable: 'FULL' }), sources)).toBe('postgres://x');
    expect(await resolveUrl(target({ kind: 'file', path: 'there' }), sources)).toBe('postgres://y');
  });

  it.each(['BLANK', 'ABSENT'])('names the variable %s that holds nothing', async (variable) => {
    expect(await problemOf(resolveUrl(target({ kind: 'env', variable }), sources))).toEqual({
      retry: 'stop',
      code: 'url-variable-missing',
      message: 'the URL of the target demo is not known here',
      found: `the environment variable ${variable} is not set, or empty`,
      expected: `${variable} in the environment of the process that connects to demo`,
      next: `export ${variable}=postgres://user:password@host:5432/database`,
    });
  });

  it('names the file that is not there', async () => {
    expect(await problemOf(resolveUrl(target({ kind: 'file', path: 'gone' }), sources))).toEqual({
      retry: 'stop',
      code: 'url-file-missing',
      message: 'the URL of the target demo is not known here',
      found: 'gone: no such file',
      expected: 'a readable file gone that holds the URL and nothing else',
      next: 'mount the secret at gone, or correct url.file of demo in drydock.yaml',
    });
  });
});
