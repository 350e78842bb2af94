import { describe, expect, it } from 'vitest';
import { requireStopped } from '../../../src/drain/consumers/still-stopped.ts';
import type { HeldThing } from '../../../src/drain/held-thing.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import { problemOf } from '../runbook/checkout.ts';
import { consumerWorld, quickClock } from './consumer-world.ts';
import { type Answer, type OutsideService, startService } from './outside-service.ts';

const says = (state: string): Answer => ({ body: JSON.stringify({ state }) });

/** A service with three consumers behind it, each with its own answers; the last one is given again and again. */
async function setup(given: Readonly<Record<string, readonly Answer[]>> = {}, signal?: AbortSignal) {
  const answers = new Map(Object.entries(given).map(([name, list]) => [name, [...list]]));
  const service = await startService(({ path }) => {
    const left = answers.get(path.slice(1)) ?? [says('stopped')];
    return left.length > 1 ? left.shift()! : left[0]!;
  });
  const clock = quickClock();
  const consumers = ['mailer', 'jobs', 'feed'].map((name) => consumerOf(name, service));
  const world = consumerWorld(consumers, { clock, ...(signal ? { signal } : {}) });
  return { service, clock, require: (...names: string[]) => requireStopped(world, names.map(noteOf)) };
}

function consumerOf(name: string, { url }: OutsideService): Consumer {
  const status = {
    method: 'GET',
    url: `${url}/${name}`,
    field: 'state',
    stopped: 'stopped',
    running: 'running',
  } as const;
  const call = { method: 'POST', url: `${url}/${name}` } as const;
  return { name, kind: 'http', timeoutMs: 60_000, pause: call, resume: call, status };
}

function noteOf(name: string): HeldThing {
  return { kind: 'consumer', name, former: { state: 'running', said: 'state is "running"' } };
}

describe('before a step', () => {
  it('each consumer that is noted is asked once, and nobody else is', async () => {
    const { service, require } = await setup();
    await require('mailer', 'feed');
    expect([...service.calls()].sort()).toEqual(['GET /feed', 'GET /mailer']);
  });

  it('nobody is asked where nothing is noted, or only what the target does not name', async () => {
    const { service, require } = await setup();
    await require();
    await require('left-by-an-earlier-run');
    expect(service.calls()).toEqual([]);
  });

  it('one that was started is trouble that a person can mend while the step is tried again', async () => {
    const { service, require } = await setup({ jobs: [says('running')] });
    expect(await problemOf(require('mailer', 'jobs', 'feed'))).toEqual({
      code: 'consumer-not-stopped',
      message: 'jobs had stopped, and no longer says so',
      found: 'jobs says: state is "running"',
      expected: 'its own word that it has stopped, for as long as the run is at work',
      next: 'find out who started jobs, and stop it by hand: the step is tried again for minutes before the run is undone',
      retry: 'retry',
    });
    expect(service.calls()).toHaveLength(3);
  });

  it('one in a state of its own has not stopped either', async () => {
    const { require } = await setup({ jobs: [says('stopping')] });
    expect(await problemOf(require('jobs'))).toMatchObject({ found: 'jobs says: state is "stopping"', retry: 'retry' });
  });

  it('all that is wrong is said at once, what was started before what does not answer', async () => {
    const { service, require } = await setup({ mailer: [{ status: 503 }], feed: [says('running')] });
    expect(await problemOf(require('mailer', 'jobs', 'feed'))).toMatchObject({
      code: 'consumer-not-stopped',
      message: 'feed had stopped, and no longer says so; mailer does not answer as it should',
      found: `feed says: state is "running"\nGET ${service.url}/mailer: answered 503`,
      retry: 'retry',
    });
  });

  it('an answer that fails in passing is asked for again, for a moment', async () => {
    const { service, require } = await setup({ mailer: [{ status: 503 }, { cut: true }, says('stopped')] });
    await require('mailer');
    expect(service.calls()).toHaveLength(3);
  });

  it('one that does not answer is asked for three seconds, and the step is then tried again', async () => {
    const { clock, require } = await setup({ mailer: [{ cut: true }] });
    expect(await problemOf(require('mailer'))).toMatchObject({ code: 'consumer-unreachable', retry: 'retry' });
    expect(clock.waits.length).toBeGreaterThan(2);
    expect(clock.nowMs()).toBeLessThan(3_000);
  });

  it('one that refuses is asked once, and is no reason to undo at once', async () => {
    const { service, require } = await setup({ mailer: [{ status: 401 }] });
    expect(await problemOf(require('mailer'))).toMatchObject({ code: 'consumer-refused', retry: 'retry' });
    expect(service.calls()).toHaveLength(1);
  });

  it('a look that is interrupted is left at once, and blames no consumer', async () => {
    const stop = new AbortController();
    const { service, require } = await setup({ mailer: [{ silent: true }] }, stop.signal);
    const looking = problemOf(require('mailer'));
    await expect.poll(() => service.calls().length, { timeout: 10_000 }).toBe(1);
    stop.abort();
    expect((await looking).code).toBe('interrupted');
  });
});
