import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckContext } from '../../../src/checks/context.ts';
import { checkEnvironment } from '../../../src/checks/environment.ts';
import { lookAtEach } from '../../../src/drain/consumers/look-at-each.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import type { CheckOutcome } from '../../../src/model/outcome.ts';
import { ProblemError } from '../../../src/model/problem.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { quickClock } from '../../unit/drain/consumer-world.ts';
import { type Answer, closedUrl, type OutsideService, startService } from '../../unit/drain/outside-service.ts';
import { setupWorld, TARGET, type World } from './world.ts';

const SPEC = { kind: 'environment' } as const;
const SECRETS: Readonly<Record<string, string>> = { MAILER_TOKEN: 'Bearer hunter2' };

describe('the consumers of a target, in the check "environment"', () => {
  let world: World;
  let database: TestDatabase;
  let service: OutsideService;
  let mailer: Answer;

  beforeAll(async () => {
    world = await setupWorld();
    database = await freshDatabase();
    await database.query('create schema core; create table core.users (id uuid primary key)');
    await database.query('create table public.control as select true as paused');
    service = await startService(() => mailer);
  });
  afterAll(() => database.drop());

  function http(name: string, url = service.url, token = 'MAILER_TOKEN'): Consumer {
    const call = { method: 'POST', url, headers: { authorization: { env: token } } } as const;
    const status = { ...call, method: 'GET', field: 'state', stopped: 'stopped', running: 'running' } as const;
    return { name, kind: 'http', timeoutMs: 60_000, pause: call, resume: call, status };
  }

  const JOBS: Consumer = {
    name: 'jobs',
    kind: 'sql',
    timeoutMs: 60_000,
    pause: 'update control set paused = true',
    resume: 'update control set paused = false',
    status: 'select paused from public.control',
  };

  const SCHEDULER: Consumer = {
    name: 'scheduler',
    kind: 'command',
    timeoutMs: 60_000,
    pause: ['false'],
    resume: ['false'],
    status: ['echo', 'stopping'],
  };

  function look(consumers: readonly Consumer[], more: Partial<CheckContext> = {}): Promise<CheckOutcome> {
    const context = world.context(database.url, {
      target: { ...TARGET, consumers },
      askConsumers: lookAtEach,
      secret: async (ref) => {
        const value = 'env' in ref ? SECRETS[ref.env] : undefined;
        if (value !== undefined) return value;
        throw new ProblemError({ code: 'secret-missing', message: 'a secret of the target test is not known here' });
      },
      ...more,
    });
    return checkEnvironment(context, SPEC);
  }

  const said = ({ evidence }: CheckOutcome) => evidence.filter(({ name }) => name.startsWith('consumer '));

  it('are asked what they do, each has its line of evidence, and nothing is changed', async () => {
    mailer = { body: '{"state":"running"}' };
    const outcome = await look([http('mailer'), JOBS, SCHEDULER]);
    expect(outcome.status).toBe('passed');
    const limit = 'answers, may be paused';
    expect(said(outcome)).toEqual([
      { name: 'consumer mailer', value: 'running: state is "running"', limit },
      { name: 'consumer jobs', value: 'stopped already, and stays so: its status is true', limit },
      { name: 'consumer scheduler', value: 'neither running nor stopped: it prints "stopping"', limit },
    ]);
    expect(service.calls()).toEqual(['GET /']);
    expect(await database.query('select paused from control')).toEqual([{ paused: true }]);
  });

  it('fail it where one refuses, with its problem, and the others still have their lines', async () => {
    mailer = { status: 401, body: 'hunter2' };
    const outcome = await look([http('mailer'), JOBS]);
    expect(outcome).toMatchObject({ status: 'failed', summary: 'mailer refused' });
    expect(outcome.problem).toEqual({
      code: 'consumer-refused',
      message: 'mailer refused',
      found: `GET ${service.url}/: answered 401`,
      expected: 'an answer of 2xx',
      next: 'correct the URL, the method or the credentials of the consumer mailer in drydock.yaml',
      retry: 'stop',
    });
    expect(said(outcome).map(({ value }) => value)).toEqual([
      'no answer: mailer refused',
      'stopped already, and stays so: its status is true',
    ]);
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  it('fail it where one does not answer, after a few tries, as an outcome and not as an error', async () => {
    const url = await closedUrl();
    const { problem } = await look([http('mailer', url)], { clock: quickClock() });
    expect(problem).toMatchObject({
      code: 'consumer-unreachable',
      found: `GET ${url}/: the connection was refused (ECONNREFUSED)`,
    });
  });

  it('fail it where a secret is missing, a statement is wrong or a program is not there: all is said at once', async () => {
    mailer = { body: '{"state":"running"}' };
    const wrong = { ...JOBS, status: 'select nothing_like_this' } as Consumer;
    const gone = { ...SCHEDULER, status: ['no-such-program-anywhere'] } as Consumer;
    const { problem } = await look([http('mailer', service.url, 'OTHER_TOKEN'), wrong, gone]);
    expect(problem).toMatchObject({
      code: 'secret-missing',
      message: expect.stringMatching(
        /^a secret of the target test is not known here; "status" of the consumer jobs failed: .*; a command of scheduler failed$/,
      ),
    });
  });

  it('are named as not asked by a caller that cannot reach them', async () => {
    const outcome = await checkEnvironment(
      world.context(database.url, { target: { ...TARGET, consumers: [JOBS] } }),
      SPEC,
    );
    expect(outcome.status).toBe('passed');
    expect(said(outcome)).toEqual([{ name: 'consumer jobs', value: 'not asked: it cannot be reached from here' }]);
  });
});
