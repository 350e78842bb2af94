/** Following a run: every event once and in order, also over the death of its worker; leaving it leaves the run alone. */
import { describe, expect, it } from 'vitest';
import type { TemporalLink } from '../../../src/client/connect.ts';
import type { RunRead } from '../../../src/client/read.ts';
import { type WatchItem, type WatchOptions, watchRun } from '../../../src/client/watch.ts';
import { makeWorld } from '../../support/world.ts';
import { linkTo } from './link.ts';

const QUICK: WatchOptions = { everyMs: 50 };

interface Seen {
  readonly items: WatchItem[];
  readonly last: RunRead;
}

/** Watches to the end; `onItem` may act on what is seen. */
async function watchAll(
  link: TemporalLink,
  workflowId: string,
  options: WatchOptions,
  onItem: (item: WatchItem) => Promise<void> | void = () => {},
): Promise<Seen> {
  const items: WatchItem[] = [];
  const watching = watchRun(link, { workflowId }, options);
  for (;;) {
    const step = await watching.next();
    if (step.done) return { items, last: step.value };
    items.push(step.value);
    await onItem(step.value);
  }
}

const eventsOf = ({ items }: Seen) => items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
const notesOf = ({ items }: Seen) => items.flatMap((item) => (item.kind === 'note' ? [item.note] : []));
const isAsked = (item: WatchItem) => item.kind === 'event' && item.event.kind === 'approval-asked';

describe('watching a run', () => {
  it('gives every event once, in order, up to the report that is written after the end', async () => {
    const world = await makeWorld();
    const run = await world.start();
    const seen = await watchAll(await linkTo(world), world.workflowId, QUICK, async (item) => {
      if (isAsked(item)) await run.approve();
    });
    const events = eventsOf(seen);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.kind).toBe('report-written');
    expect(notesOf(seen)).toEqual([]);
    expect(seen.last).toMatchObject({ state: { outcome: 'done', seq: events.length }, run: { closed: true } });
  });

  it('gives all events of a run that was over before, and those after a number where that is asked', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.send('reject', { by: 'kim', reason: 'not tonight' });
    const { seq } = await run.ended();
    const link = await linkTo(world);
    const all = eventsOf(await watchAll(link, world.workflowId, QUICK));
    expect(all).toHaveLength(seq);
    const rest = eventsOf(await watchAll(link, world.workflowId, { ...QUICK, after: seq - 2 }));
    expect(rest).toEqual(all.slice(-2));
  });

  it('says once that no worker answers, and goes on with the next one without losing an event', async () => {
    const world = await makeWorld({ worker: 'none' });
    const worker = world.startWorkerProcess();
    const run = await world.start();
    // A worker that is still starting counts as lost too: this is about one that was there.
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    let approval: Promise<string> | undefined;
    const seen = await watchAll(await linkTo(world), world.workflowId, QUICK, async (item) => {
      if (isAsked(item)) {
        process.kill(worker.pid, 'SIGKILL');
        await worker.ended;
      }
      if (item.kind !== 'note' || approval) return;
      if (item.note === 'worker-lost') world.startWorkerProcess();
      if (item.note === 'back') {
        approval = run.approve();
        await approval;
      }
    });
    const events = eventsOf(seen);
    expect(notesOf(seen).slice(0, 2)).toEqual(['worker-lost', 'back']);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(seen.last.state.outcome).toBe('done');
  });

  it('ends when a run is terminated, with what is known of it', async () => {
    const world = await makeWorld();
    const run = await world.start();
    const seen = await watchAll(await linkTo(world), world.workflowId, QUICK, async (item) => {
      if (isAsked(item)) await run.workflow.terminate();
    });
    expect(eventsOf(seen).at(-1)?.kind).toBe('approval-asked');
    expect(seen.last.state.outcome).toBe('failed');
  });

  it('says that the last events cannot be told where a run ended and no worker is left', async () => {
    const world = await makeWorld({ worker: 'none' });
    const worker = world.startWorkerProcess();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.send('reject', { by: 'kim', reason: 'not tonight' });
    await run.ended();
    process.kill(worker.pid, 'SIGKILL');
    await worker.ended;
    const seen = await watchAll(await linkTo(world), world.workflowId, QUICK);
    expect(notesOf(seen)).toEqual(['events-lost']);
    expect(seen.last).toMatchObject({ source: 'history', state: { outcome: 'rejected' } });
  });

  it('can be left: the run goes on', async () => {
    const world = await makeWorld();
    const run = await world.start();
    const leaving = new AbortController();
    const { last } = await watchAll(
      await linkTo(world),
      world.workflowId,
      { ...QUICK, signal: leaving.signal },
      (item) => {
        if (isAsked(item)) leaving.abort();
      },
    );
    expect(last.state.outcome).toBeNull();
    await run.approve();
    expect((await run.ended()).outcome).toBe('done');
  });
});
