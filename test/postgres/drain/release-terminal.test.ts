/** `release` in a terminal: it asks where the run may still be at work, and does what is answered. */
import { describe, expect, it } from 'vitest';
import { WITHOUT_POOLER } from '../../support/pooler.ts';
import { KEYS, openTerminal, type Terminal, WITHOUT_TERMINAL } from '../../support/terminal.ts';
import { hold, releaseWorld } from './release-world.ts';

const SKIPPED = WITHOUT_POOLER ?? WITHOUT_TERMINAL;

/** Somebody who was shown what is held, and is asked. */
async function setup() {
  const { world, env } = await releaseWorld();
  await hold(world);
  const terminal = openTerminal(['src/cli/drydock.ts', 'release', '--target', 'test'], env);
  await terminal.until(/Let go of it\?/);
  await terminal.until(/No/);
  return { world, terminal };
}

const HELD =
  /^harbour\/test holds test since \S+ \(run run-1\); Temporal does not tell whether the run is open; its lease runs for another \S+ s unless it is renewed\n {2}pooler pooler-1\n/;

const REFUSED = [
  'release-not-confirmed: harbour/test may still be at work, and nothing was let go',
  'next:       abort the run, which lets go by itself; or run pnpm tsx src/cli/drydock.ts release --yes --target test',
];

function expectRefused(terminal: Terminal): void {
  for (const line of REFUSED) expect(terminal.screen()).toContain(line);
}

describe.skipIf(SKIPPED)(`release in a terminal${SKIPPED ? ` (skipped: ${SKIPPED})` : ''}`, () => {
  it('shows what is held, asks, and lets go where that is agreed to', async () => {
    const { world, terminal } = await setup();
    expect(terminal.screen()).toMatch(HELD);
    expect(await world.isPaused()).toBe(true);
    terminal.type(KEYS.left);
    await terminal.until(/● Yes/);
    terminal.type(KEYS.enter);
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toMatch(/1 thing is as before: test is free\n$/);
    expect([await world.isPaused(), (await world.lease())?.letGoBy]).toEqual([false, 'command']);
  });

  it('is answered with y as well', async () => {
    const { world, terminal } = await setup();
    terminal.type('y');
    expect(await terminal.ended).toBe(0);
    expect(await world.isPaused()).toBe(false);
  });

  it('lets go of nothing where Enter alone is pressed', async () => {
    const { world, terminal } = await setup();
    terminal.type(KEYS.enter);
    expect(await terminal.ended).toBe(2);
    expectRefused(terminal);
    expect([await world.isPaused(), (await world.lease())?.state]).toEqual([true, 'held']);
  });

  it('lets go of nothing after Ctrl-C, and gives the terminal back', async () => {
    const { world, terminal } = await setup();
    terminal.type(KEYS.ctrlC);
    expect(await terminal.ended).toBe(2);
    expectRefused(terminal);
    expect([await world.isPaused(), (await world.lease())?.state]).toEqual([true, 'held']);
  });
});
