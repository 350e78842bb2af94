import { describe, expect, it } from 'vitest';
import { pauseConsumer } from '../../../src/drain/consumers/pause.ts';
import { letGoOfConsumer, resumeConsumer } from '../../../src/drain/consumers/resume.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import { problemOf } from '../runbook/checkout.ts';
import { consumerWorld, quickClock } from './consumer-world.ts';
import { type Answer, type Asked, closedUrl, type OutsideService, startService } from './outside-service.ts';

type State = 'running' | 'stopping' | 'stopped';

interface Setup {
  readonly before?: State;
  /** How often it is asked for its state before a pause has come to its end. */
  readonly slow?: number;
  /** Answers before it does what it is asked; the test's own way of being difficult. */
  readonly difficult?: (asked: Asked, serial: number) => Answer | undefined;
  readonly timeoutMs?: number;
}

/** A service that works through a queue, the consumer that describes it, and a run that wants it stopped. */
async function setup({ before = 'running', slow = 0, difficult, timeoutMs = 60_000 }: Setup = {}) {
  let state: State = before;
  let left = 0;
  let serial = 0;
  const service = await startService((asked) => {
    serial += 1;
    const trouble = difficult?.(asked, serial);
    if (trouble) return trouble;
    if (asked.path === '/pause' && state === 'running') {
      state = slow > 0 ? 'stopping' : 'stopped';
      left = slow;
    }
    if (asked.path === '/resume') state = 'running';
    if (asked.path.startsWith('/status') && state === 'stopping' && left-- <= 0) state = 'stopped';
    return { body: JSON.stringify({ worker: { state } }) };
  });
  const clock = quickClock();
  const consumer = consumerOf(service, timeoutMs);
  const world = consumerWorld([consumer], { clock, secrets: { MAILER_TOKEN: 'Bearer hunter2' } });
  return { service, consumer, world, clock, state: () => state, become: (now: State) => (state = now) };
}

function consumerOf(service: OutsideService, timeoutMs: number): Extract<Consumer, { kind: 'http' }> {
  const headers = { authorization: { env: 'MAILER_TOKEN' } };
  return {
    name: 'mailer',
    kind: 'http',
    timeoutMs,
    pause: { method: 'POST', url: `${service.url}/pause`, headers, body: '{"why":"migration"}' },
    resume: { method: 'POST', url: `${service.url}/resume`, headers },
    status: {
      method: 'GET',
      url: `${service.url}/status?part=worker`,
      headers,
      field: 'worker.state',
      stopped: 'stopped',
      running: 'running',
    },
  };
}

describe('a consumer that is reached over HTTP', () => {
  it('is noted, paused, and awaited until it says itself that it has stopped', async () => {
    const { service, consumer, world } = await setup({ slow: 2 });
    expect(await pauseConsumer(world, consumer)).toEqual({
      summary: 'mailer has stopped: worker.state is "stopped"',
      evidence: [
        { name: 'before', value: 'running: worker.state is "running"' },
        { name: 'proof', value: 'worker.state is "stopped"', limit: 'stopped' },
        { name: 'took', value: '1 s', limit: 'at most 1 min' },
      ],
    });
    expect(world.lines).toEqual([
      'waiting for mailer to stop: worker.state is "stopping"',
      'waiting for mailer to stop: worker.state is "stopping"',
    ]);
    expect(world.notes.things).toEqual([
      { kind: 'consumer', name: 'mailer', former: { state: 'running', said: 'worker.state is "running"' } },
    ]);
    const [status, pause] = service.asked;
    expect([status?.method, status?.path, pause?.method, pause?.path]).toEqual([
      'GET',
      '/status?part=worker',
      'POST',
      '/pause',
    ]);
    expect(pause).toMatchObject({
      body: '{"why":"migration"}',
      headers: { authorization: 'Bearer hunter2', 'content-type': 'application/json' },
    });
  });

  it('is resumed, proven to run, and forgotten', async () => {
    const { consumer, world, state } = await setup();
    await pauseConsumer(world, consumer);
    expect(await resumeConsumer(world, consumer)).toEqual({
      summary: 'mailer is back: worker.state is "running"',
      evidence: [{ name: 'before the run', value: 'running: worker.state is "running"' }],
    });
    expect([state(), world.notes.things]).toEqual(['running', []]);
    expect(await resumeConsumer(world, consumer)).toEqual({
      summary: 'mailer was not paused by this run: nothing to resume',
      evidence: [],
    });
  });

  it('stays stopped afterwards where somebody had stopped it before, and is not touched', async () => {
    const { service, consumer, world, state } = await setup({ before: 'stopped' });
    expect((await pauseConsumer(world, consumer)).summary).toBe(
      'mailer was stopped before the run, and stays so after it: worker.state is "stopped"',
    );
    await pauseConsumer(world, consumer);
    expect((await resumeConsumer(world, consumer)).summary).toBe(
      'mailer was stopped before the run, and stays so: worker.state is "stopped"',
    );
    expect(service.calls().filter((call) => call.startsWith('POST'))).toEqual([]);
    expect([state(), world.notes.things]).toEqual(['stopped', []]);
  });

  it('is paused twice without harm, and the first note holds', async () => {
    const { service, consumer, world, state } = await setup();
    await pauseConsumer(world, consumer);
    await pauseConsumer(world, consumer);
    expect(service.calls().filter((call) => call === 'POST /pause')).toHaveLength(2);
    await resumeConsumer(world, consumer);
    expect(state()).toBe('running');
  });

  it('is resumed after a worker died between the note and the pause, and after the pause', async () => {
    const { consumer, world, state, become } = await setup();
    await world.notes.note({ kind: 'consumer', name: 'mailer', former: { state: 'running', said: 'so' } });
    expect((await resumeConsumer(world, consumer)).summary).toBe('mailer is back: worker.state is "running"');
    await world.notes.note({ kind: 'consumer', name: 'mailer', former: { state: 'running', said: 'so' } });
    become('stopped');
    await pauseConsumer(world, consumer);
    await resumeConsumer(world, consumer);
    expect([state(), world.notes.things]).toEqual(['running', []]);
  });

  it('is let go of by whoever holds its note, such as the guard', async () => {
    const { consumer, world, state } = await setup();
    await pauseConsumer(world, consumer);
    const { target, url, secret, clock } = world;
    const line = await letGoOfConsumer({ target, url, secret, clock: clock! }, world.notes.things[0]!);
    expect([line, state()]).toEqual(['mailer is back: worker.state is "running"', 'running']);
  });

  it('ends the wait for one that will not stop, with what it said last', async () => {
    const { consumer, world, clock } = await setup({ slow: 1_000_000, timeoutMs: 5_000 });
    expect(await problemOf(pauseConsumer(world, consumer))).toEqual({
      code: 'consumer-still-running',
      message: 'mailer was told to stop and has not stopped within 5 s',
      found: 'it says: worker.state is "stopping"',
      expected: 'its own word that it has stopped',
      next: 'look at mailer: what it is at work on has to end; or give it a longer timeout in drydock.yaml',
      retry: 'stop',
    });
    expect(clock.nowMs()).toBeLessThanOrEqual(5_000);
    expect(world.notes.things).toHaveLength(1);
    await resumeConsumer(world, consumer);
    expect(world.notes.things).toEqual([]);
  });

  it('is not held up by answers that pass: 503, a cut connection, 429', async () => {
    const troubles: Answer[] = [{ status: 503 }, { cut: true }, { status: 429, headers: { 'retry-after': '3' } }];
    const { service, consumer, world, clock } = await setup({
      difficult: ({ path }) => (path === '/pause' ? troubles.shift() : undefined),
    });
    expect((await pauseConsumer(world, consumer)).summary).toBe('mailer has stopped: worker.state is "stopped"');
    expect(service.calls().filter((call) => call === 'POST /pause')).toHaveLength(4);
    expect(clock.waits[2]).toBe(3_000);
  });

  it('counts as stopped where it says so, although the call was refused', async () => {
    const { consumer, world, become } = await setup({
      difficult: ({ path }) => {
        if (path !== '/pause') return undefined;
        become('stopped');
        return { status: 409 };
      },
    });
    expect((await pauseConsumer(world, consumer)).summary).toBe('mailer has stopped: worker.state is "stopped"');
  });

  it('is not asked again where it refuses, and nothing secret is said', async () => {
    const { service, consumer, world } = await setup({
      difficult: ({ path }) => (path === '/pause' ? { status: 403, body: 'no: Bearer hunter2' } : undefined),
    });
    expect(await problemOf(pauseConsumer(world, consumer))).toEqual({
      code: 'consumer-refused',
      message: 'mailer refused',
      found: `POST ${service.url}/pause: answered 403`,
      expected: 'an answer of 2xx',
      next: 'correct the URL, the method or the credentials of the consumer mailer in drydock.yaml',
      retry: 'stop',
    });
    expect(service.calls().filter((call) => call === 'POST /pause')).toHaveLength(1);
  });

  it('does not follow a redirect, which would carry the secrets elsewhere', async () => {
    const { service, consumer, world } = await setup({
      difficult: ({ path }) =>
        path === '/pause' ? { status: 307, headers: { location: 'http://127.0.0.1:1/' } } : undefined,
    });
    const { found } = await problemOf(pauseConsumer(world, consumer));
    expect(found).toBe(`POST ${service.url}/pause: answered 307, a redirect; redirects are not followed`);
  });

  it('touches nothing where its state cannot be had', async () => {
    const { service, consumer, world } = await setup({ timeoutMs: 4_000, difficult: () => ({ status: 503 }) });
    expect(await problemOf(pauseConsumer(world, consumer))).toEqual({
      code: 'consumer-unreachable',
      message: 'mailer does not answer as it should',
      found: `GET ${service.url}/status: answered 503`,
      expected: 'an answer of 2xx',
      next: 'look at mailer, and at the way from this worker to it',
      retry: 'stop',
    });
    expect(new Set(service.calls())).toEqual(new Set(['GET /status?part=worker']));
    expect(world.notes.things).toEqual([]);
  });

  it('keeps the note of one that cannot be resumed now, as trouble that passes', async () => {
    let down = false;
    const { consumer, world } = await setup({ timeoutMs: 4_000, difficult: () => (down ? { cut: true } : undefined) });
    await pauseConsumer(world, consumer);
    down = true;
    const problem = await problemOf(resumeConsumer(world, consumer));
    expect([problem.code, problem.retry, world.notes.things.length]).toEqual(['consumer-unreachable', 'retry', 1]);
    down = false;
    await resumeConsumer(world, consumer);
    expect(world.notes.things).toEqual([]);
  });

  it('is told as not running where it takes the call and does not run', async () => {
    const { consumer, world } = await setup({
      timeoutMs: 4_000,
      difficult: ({ path }) => (path === '/resume' ? {} : undefined),
    });
    await pauseConsumer(world, consumer);
    expect(await problemOf(resumeConsumer(world, consumer))).toEqual({
      code: 'consumer-not-running',
      message: 'mailer was told to go on and does not run after 4 s',
      found: 'it says: worker.state is "stopped"',
      expected: 'its own word that it runs',
      next: 'look at mailer and start it by hand where it has to be; then `release`',
      retry: 'retry',
    });
  });

  it('which somebody started after it was found stopped ends the run, and is left as it is', async () => {
    const { service, consumer, world, become } = await setup({ before: 'stopped' });
    await pauseConsumer(world, consumer);
    become('running');
    expect(await problemOf(pauseConsumer(world, consumer))).toMatchObject({
      code: 'consumer-started-meanwhile',
      found: 'then: worker.state is "stopped"; now: worker.state is "running"',
    });
    expect(service.calls().filter((call) => call.startsWith('POST'))).toEqual([]);
  });

  it('that was in a state of its own before is awaited only until it is no longer stopped', async () => {
    const { consumer, world, become } = await setup({
      difficult: ({ path }) => {
        if (path === '/status?part=worker') return { body: '{"worker":{"state":"degraded"}}' };
        return undefined;
      },
    });
    await world.notes.note({ kind: 'consumer', name: 'mailer', former: { state: 'unclear', said: 'degraded' } });
    become('stopped');
    expect((await resumeConsumer(world, consumer)).summary).toBe('mailer is back: worker.state is "degraded"');
  });

  it('says where it was missed when the target no longer names it', async () => {
    const { world } = await setup();
    await world.notes.note({ kind: 'consumer', name: 'gone', former: { state: 'running', said: '' } });
    expect(await problemOf(resumeConsumer(world, { name: 'gone' }))).toEqual({
      code: 'consumer-unknown',
      message: 'the consumer gone was paused, and harbour no longer names it',
      found: 'drydock.yaml has no consumer gone for harbour where this process works',
      expected: 'the consumer as it was when it was paused',
      next: 'put gone back into drydock.yaml, then `release`; or resume it by hand',
      retry: 'stop',
    });
  });

  it('shows neither a secret that cannot be sent nor a URL that is a secret', async () => {
    const { consumer, service, world } = await setup();
    const broken = consumerWorld([consumer], {
      secrets: { MAILER_TOKEN: 'hunter2\nhunter3', MAILER_URL: `${await closedUrl()}/hunter2` },
      clock: quickClock(),
    });
    const impossible = await problemOf(pauseConsumer(broken, consumer));
    expect(impossible).toMatchObject({
      code: 'consumer-call-impossible',
      found: `GET ${service.url}/status: a header or the URL holds what cannot be sent (a line break, a password before the host?)`,
    });
    const hidden = { ...consumer, status: { ...consumer.status, headers: {}, url: { env: 'MAILER_URL' } } };
    const unreachable = await problemOf(pauseConsumer(broken, hidden));
    expect(unreachable.found).toBe(
      'GET (URL in environment variable MAILER_URL): the connection was refused (ECONNREFUSED)',
    );
    expect(JSON.stringify([impossible, unreachable])).not.toContain('hunter');
    expect(world.notes.things).toEqual([]);
  });

  it('is left at once when the work is interrupted, even in the middle of an exchange', async () => {
    const stop = new AbortController();
    const { consumer } = await setup({
      difficult: ({ path }) => {
        if (path !== '/pause') return undefined;
        setTimeout(() => stop.abort(), 20);
        return { silent: true };
      },
    });
    const world = consumerWorld([consumer], { secrets: { MAILER_TOKEN: 'x' }, signal: stop.signal });
    expect((await problemOf(pauseConsumer(world, consumer))).code).toBe('interrupted');
    expect(world.notes.things).toHaveLength(1);
  });

  it('is resumed where its pause was on its way at an abort, and was carried out all the same', async () => {
    const stop = new AbortController();
    const { consumer, world, state, become } = await setup({
      difficult: ({ path }) => {
        if (path !== '/pause') return undefined;
        setTimeout(() => stop.abort(), 20);
        return { silent: true };
      },
    });
    expect((await problemOf(pauseConsumer({ ...world, signal: stop.signal }, consumer))).code).toBe('interrupted');
    become('stopped');
    expect((await resumeConsumer(world, consumer)).summary).toBe('mailer is back: worker.state is "running"');
    expect([state(), world.notes.things]).toEqual(['running', []]);
  });
});
