import { describe, expect, it } from 'vitest';
import { lightSleeper } from '../../../src/guard/light-sleep.ts';
import { sayOnce } from '../../../src/guard/say-once.ts';
import { countTries } from '../../../src/guard/tries.ts';
import { countedLine } from '../../../src/guard/try-outcome.ts';
import { type Clock, systemClock } from '../../../src/postgres/clock.ts';

/** A guard that looks every second, by a clock that is moved by hand; `at` has the seconds at which it tried, in vain. */
function setup(random = 1) {
  let nowMs = 50_000;
  const clock: Clock = { nowMs: () => nowMs, pause: () => Promise.reject(new Error('nobody waits here')) };
  const tries = countTries(clock, () => random);
  const at: number[] = [];
  let seconds = 0;
  const goOnUntil = (end: number): number[] => {
    for (; seconds <= end; seconds += 1, nowMs += 1_000) {
      if (!tries.isDue()) continue;
      tries.made();
      at.push(seconds);
    }
    return at;
  };
  return { tries, goOnUntil };
}

const gaps = (at: readonly number[]): number[] => at.slice(1).map((one, index) => one - at[index]!);

describe('a guard that cannot let go', () => {
  it('tries once a second for ten seconds, then less and less often, and never less than every 30 s', () => {
    const { goOnUntil } = setup();
    const at = goOnUntil(3_600);
    expect(at.slice(0, 18)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 40, 70, 100, 130]);
    expect(Math.max(...gaps(at))).toBe(30);
    expect(at.length).toBeLessThan(140);
  });

  it('does not come at the same moment as others: a grown pause is half of it at the least', () => {
    expect(gaps(setup(0).goOnUntil(200)).slice(9, 16)).toEqual([1, 1, 2, 4, 8, 15, 15]);
  });

  it('is back at once a second, for another ten, where something has changed', () => {
    const { tries, goOnUntil } = setup();
    goOnUntil(45);
    tries.afresh();
    expect(goOnUntil(60).filter((second) => second > 40)).toEqual([46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 58]);
  });

  it('does not try twice within a second because of a change', () => {
    const { tries, goOnUntil } = setup();
    goOnUntil(3);
    tries.afresh();
    tries.afresh();
    expect(goOnUntil(6)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe('its log', () => {
  it('has each line once, whatever amounts are in it, until they are news again', () => {
    const lines: string[] = [];
    const { say, forget } = sayOnce((line) => lines.push(line));
    say('edge-1 is held: no answer within 5000 ms');
    say('edge-2 is held: no answer within 5000 ms');
    say('edge-1 is held: no answer within 5001 ms');
    forget();
    say('edge-1 is held: no answer within 5002 ms');
    expect(lines).toEqual([
      'edge-1 is held: no answer within 5000 ms',
      'edge-2 is held: no answer within 5000 ms',
      'edge-1 is held: no answer within 5002 ms',
    ]);
  });

  it('has a line at each doubling of the tries', () => {
    const held = { letGo: 0, held: ['pooler edge (pooler-unreachable)', 'consumer mailer (consumer-command-failed)'] };
    const told = Array.from({ length: 100 }, (_, index) => countedLine(held, index + 1)).filter(Boolean);
    expect(told).toEqual(
      [8, 16, 32, 64].map(
        (tries) =>
          `still held after ${tries} tries: pooler edge (pooler-unreachable), consumer mailer (consumer-command-failed)`,
      ),
    );
    expect(countedLine({ letGo: 0, held: [], trouble: 'database-read-only: no' }, 16)).toBe(
      'nothing is held any more, but after 16 tries the notes say so still: database-read-only: no',
    );
  });
});

describe('its sleep', () => {
  it('ends when it is woken, and does not begin where it was woken while it was at work', async () => {
    let wake = (): void => undefined;
    const sleeper = lightSleeper(systemClock, (listener) => {
      wake = listener;
    });
    setTimeout(wake, 5);
    expect(await sleeper.sleep(60_000)).toBe('woken');
    wake();
    expect(await sleeper.sleep(60_000)).toBe('woken');
    expect(await sleeper.sleep(1)).toBe('rested');
  });
});
