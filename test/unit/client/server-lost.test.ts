/** Watching over a restart of the Temporal server: the loss is said once, and no event is lost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { readEnvironment } from '../../../src/cli/environment.ts';
import { sendMessage } from '../../../src/client/send.ts';
import { watchRun } from '../../../src/client/watch.ts';
import { freePorts } from '../../../src/dev/free-ports.ts';
import { END_BY_TERM, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import { startOwnServer } from '../../../src/dev/temporal/own-server.ts';
import { problemOf } from '../../support/problem-of.ts';
import { connectTemporalAt } from '../../support/temporal.ts';
import { makeWorld } from '../../support/world.ts';
import { linkTo } from './link.ts';

const folders: string[] = [];
/** Ends the servers whatever becomes of this test and of its process. */
const reaper = startReaper();

afterAll(async () => {
  await reaper.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A server whose state outlives it, and the means to start it again at the same place. */
async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-server-lost-'));
  folders.push(folder);
  const [port] = await freePorts(1);
  const options = { ui: 'none', port: port!, dbFile: join(folder, 'temporal.db') } as const;
  const start = async () => {
    const program = inject('temporal').program;
    const started = await startOwnServer({ program, options, environment: readEnvironment({}) });
    if (started.pid !== undefined) reaper.guardProcess(started.pid, END_BY_TERM);
    return started;
  };
  const server = await start();
  const world = await makeWorld({ servers: { temporal: await connectTemporalAt(server) } });
  return { server, start, world, link: await linkTo(world) };
}

it('goes on with the server that is back, and sends nothing to one that is not there', async () => {
  const { server, start, world, link } = await setup();
  const { workflowId } = world;
  await world.start();
  const watching = watchRun(link, { workflowId }, { everyMs: 50 });
  const notes: string[] = [];
  const numbers: number[] = [];
  let back = server;
  let step = await watching.next();
  for (; !step.done; step = await watching.next()) {
    const item = step.value;
    if (item.kind === 'event') numbers.push(item.event.seq);
    else notes.push(item.note);
    if (item.kind === 'event' && item.event.kind === 'approval-asked') await server.stop();
    if (item.kind === 'note' && item.note === 'server-lost') {
      const pause = { name: 'pause', body: { by: 'kim' } } as const;
      expect(await problemOf(sendMessage(link, { workflowId }, pause))).toMatchObject({ code: 'temporal-unreachable' });
      back = await start();
    }
    if (item.kind === 'note' && item.note === 'back') {
      await sendMessage(link, { workflowId }, { name: 'reject', body: { by: 'kim', reason: 'not tonight' } });
    }
  }
  expect(notes[0]).toBe('server-lost');
  expect(notes.at(-1)).toBe('back');
  expect(notes.filter((note) => note === 'server-lost')).toHaveLength(1);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(step.value.state.outcome).toBe('rejected');
  await back.stop();
}, 120_000);
