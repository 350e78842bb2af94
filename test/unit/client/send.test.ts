/** What a person says to a run: answered, refused with the reason, or left with Temporal where no worker answers. */
import { describe, expect, it } from 'vitest';
import { sendMessage } from '../../../src/client/send.ts';
import { problemOf } from '../../support/problem-of.ts';
import { makeWorld } from '../../support/world.ts';
import { linkTo } from './link.ts';

const BY = { by: 'kim' };
const asksForApproval = (state: { waiting: { kind: string } | null }): boolean => state.waiting?.kind === 'approval';

async function setup() {
  const world = await makeWorld();
  const run = await world.start();
  const state = await run.until('the question', asksForApproval);
  return {
    world,
    run,
    digest: state.planDigest!,
    link: await linkTo(world),
    address: { workflowId: world.workflowId },
  };
}

describe('a message to a run whose worker answers', () => {
  it('brings back what is done about it', async () => {
    const { link, address, run, digest } = await setup();
    const sent = await sendMessage(link, address, { name: 'approve', body: { ...BY, plan: digest.slice(0, 8) } });
    expect(sent.kind).toBe('answered');
    expect(sent.answer).toBe(
      `plan ${digest.slice(0, 12)} approved by kim; next: the checks are taken again, then 200 ms of quiet are proven`,
    );
    expect((await run.ended()).outcome).toBe('done');
  });

  it('is refused in the words of the run, and leaves no trace in it', async () => {
    const { link, address, run, digest, world } = await setup();
    const problem = await problemOf(sendMessage(link, address, { name: 'approve', body: { ...BY, plan: 'ffffffff' } }));
    expect(problem).toEqual({
      code: 'message-refused',
      message: `approve refused: ffffffff is not the plan that waits; the plan to approve is ${digest.slice(0, 12)}; look at it before you approve it`,
      next: `look at what the run waits for: pnpm tsx src/cli/drydock.ts state ${world.workflowId}`,
      retry: 'stop',
    });
    expect((await run.state()).refusals).toEqual([]);
  });

  it('is not even sent where it is incomplete', async () => {
    const { link, address } = await setup();
    const problem = await problemOf(sendMessage(link, address, { name: 'abort', body: BY }));
    expect(problem).toMatchObject({
      code: 'message-invalid',
      message: 'abort: "reason" is missing; expected why, as in {"by":"kim","reason":"errors in checkout"}',
    });
  });
});

describe('a message that comes too late or goes astray', () => {
  it('to a run that is over says how it ended', async () => {
    const { link, address, run, world } = await setup();
    await sendMessage(link, address, { name: 'reject', body: { ...BY, reason: 'not tonight' } });
    await run.ended();
    const problem = await problemOf(sendMessage(link, address, { name: 'abort', body: { ...BY, reason: 'x' } }));
    expect(problem).toMatchObject({
      code: 'run-closed',
      message: `the run ${world.workflowId} is over: there is nothing left to abort`,
      next: `pnpm tsx src/cli/drydock.ts report ${world.workflowId}`,
    });
    expect(problem.found).toMatch(/^rejected, ended \S+Z: rejected by kim: not tonight; nothing was changed$/);
  });

  it('to a run that there is not says where it was looked for', async () => {
    const { link, world } = await setup();
    const nowhere = { workflowId: 'small/nowhere' };
    const problem = await problemOf(sendMessage(link, nowhere, { name: 'pause', body: BY }));
    expect(problem).toMatchObject({
      code: 'run-not-found',
      message: 'there is no run "small/nowhere"',
      found: `Temporal at ${world.temporal.address}, namespace ${world.temporal.namespace}, knows none`,
    });
  });
});

describe('a message to a run whose worker is gone', () => {
  async function withoutWorker() {
    const world = await makeWorld({ worker: 'none' });
    const worker = world.startWorkerProcess();
    const run = await world.start();
    const state = await run.until('the question', asksForApproval);
    process.kill(worker.pid, 'SIGKILL');
    await worker.ended;
    return {
      world,
      run,
      digest: state.planDigest!,
      link: await linkTo(world),
      address: { workflowId: world.workflowId },
    };
  }
  const patience = { workerTimeoutMs: 1_500 };

  it('is kept by Temporal, and acted on when a worker is back', async () => {
    const { world, run, link, address, digest } = await withoutWorker();
    const sent = await sendMessage(link, address, { name: 'approve', body: { ...BY, plan: digest } }, patience);
    expect(sent).toMatchObject({
      kind: 'left',
      answer:
        "no worker answers: approve is left with Temporal as a signal; next: start a worker; the run's state then shows whether it was taken",
    });
    world.startWorkerProcess();
    const state = await run.ended();
    expect(state.outcome).toBe('done');
    expect(state.approval?.by).toBe('kim');
    expect(state.refusals).toEqual([]);
  });

  it('is refused at once where the run would refuse it', async () => {
    const { link, address, digest, run } = await withoutWorker();
    const wrong = { name: 'approve', body: { ...BY, plan: 'ffffffff' } } as const;
    const problem = await problemOf(sendMessage(link, address, wrong, patience));
    expect(problem.code).toBe('message-refused');
    expect(problem.message).toContain(`the plan to approve is ${digest.slice(0, 12)}`);
    await run.workflow.terminate();
  });
});
