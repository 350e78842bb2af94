/** `release`: what a person sees and does when something is held and nobody lets go of it. */
import { describe, expect, it } from 'vitest';
import { WITHOUT_POOLER } from '../../support/pooler.ts';
import { runCli } from '../../support/processes.ts';
import type { PoolerWorldOptions } from './pooler-world.ts';
import { hold, releaseWorld } from './release-world.ts';

async function setup(options: PoolerWorldOptions = {}) {
  const { world, env } = await releaseWorld(options);
  const release = async (...flags: string[]) => {
    const { code, stdout, stderr } = await runCli(['src/cli/drydock.ts', 'release', ...flags], { env });
    return { code, stdout: plain(stdout), stderr: plain(stderr) };
  };
  return { world, release };
}

const plain = (text: string) =>
  text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>').replaceAll(/\b\d+(\.\d+)? (ms|s|min)\b/g, '<duration>');

const RUN_OUT = `update drydock.holds set expires_at = clock_timestamp() - interval '1 min'`;

describe.skipIf(WITHOUT_POOLER)(`release${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it('says that nothing is held, before there ever was anything and after', async () => {
    const { world, release } = await setup();
    const nothing = { code: 0, stdout: 'nothing is held on test\n', stderr: '' };
    expect(await release('--target', 'test')).toEqual(nothing);
    await hold(world);
    await release('--target', 'test', '--yes');
    expect(await release('--target', 'test')).toEqual(nothing);
  });

  it('lets go at once where the lease has run out', async () => {
    const { world, release } = await setup();
    await hold(world);
    await world.database.query(RUN_OUT);
    expect(await release('--target', 'test')).toEqual({
      code: 0,
      stdout: [
        'harbour/test holds test since <time> (run run-1); Temporal does not tell whether the run is open; its lease ran out <duration> <duration> ago',
        '  pooler pooler-1',
        `pooler-1: ${world.poolers[0]!.name} resumed, query_wait_timeout = 120, client_login_timeout = 60`,
        '1 thing is as before: test is free',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect([await world.isPaused(), await world.lease()]).toEqual([
      false,
      expect.objectContaining({ state: 'ended', letGoBy: 'command' }),
    ]);
  });

  it('asks for --yes where the run may still be at work, and lets go of nothing without', async () => {
    const { world, release } = await setup();
    await hold(world);
    expect(await release('--target', 'test')).toEqual({
      code: 2,
      stdout: [
        'harbour/test holds test since <time> (run run-1); Temporal does not tell whether the run is open; its lease runs for another <duration> unless it is renewed',
        '  pooler pooler-1',
        '',
      ].join('\n'),
      stderr: [
        'release-not-confirmed: harbour/test may still be at work, and nothing was let go',
        '  found:      harbour/test holds test since <time> (run run-1); Temporal does not tell whether the run is open; its lease runs for another <duration> unless it is renewed',
        '  expected:   a run that is over; one that still works undoes what it did when it loses its hold',
        '  next:       abort the run, which lets go by itself; or run pnpm tsx src/cli/drydock.ts release --yes --target test',
        '',
      ].join('\n'),
    });
    expect(await world.isPaused()).toBe(true);
    expect(await release('--target', 'test', '--yes')).toMatchObject({ code: 0 });
    expect(await world.isPaused()).toBe(false);
  });

  it('tells what it could not let go of, and does the rest', async () => {
    const { world, release } = await setup({ poolers: 2 });
    await hold(world);
    await world.poolers[1]!.kill();
    const { code, stderr } = await release('--target', 'test', '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^release-incomplete: 1 of 2 could not be let go of\n {2}found: +pooler pooler-2: pooler-unreachable: the console of the pooler pooler-2 does not answer\n/,
    );
    expect([await world.isPaused(), await world.noted()]).toEqual([
      false,
      [expect.objectContaining({ name: 'pooler-2' })],
    ]);
    await world.poolers[1]!.start();
    expect(await release('--target', 'test')).toMatchObject({ code: 0 });
    expect(await world.lease()).toMatchObject({ state: 'ended' });
  });

  it('answers in JSON', async () => {
    const { world, release } = await setup();
    await hold(world);
    const { code, stdout } = await release('--target', 'test', '--yes', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { target: 'test', hold: { workflowId: 'harbour/test' }, kind: 'let-go', failed: [] },
    ]);
  });

  it('wants a target, because a URL does not tell of poolers', async () => {
    const { world, release } = await setup();
    const { code, stderr } = await release('--url', world.database.url);
    expect([code, stderr]).toEqual([
      2,
      'usage: no target was named\n  expected:   the target whose traffic is held: only drydock.yaml knows its poolers and consumers\n  next:       name it with --target instead of a URL\n',
    ]);
  });
});
