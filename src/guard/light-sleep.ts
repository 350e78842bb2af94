/** A pause that somebody may end early: rung while nobody sleeps, the next pause does not begin. */
import type { Clock } from '../postgres/clock.ts';

export interface LightSleeper {
  sleep(ms: number): Promise<'rested' | 'woken'>;
}

/** `onWake` is given once what rings. */
export function lightSleeper(clock: Clock, onWake: ((wake: () => void) => void) | undefined): LightSleeper {
  let isWoken = false;
  let ring = (): void => undefined;
  onWake?.(() => {
    isWoken = true;
    ring();
  });
  return {
    sleep: async (ms) => {
      const alarm = new AbortController();
      ring = () => alarm.abort();
      if (isWoken) ring();
      await clock.pause(ms, alarm.signal).catch(() => undefined);
      const how = isWoken ? 'woken' : 'rested';
      isWoken = false;
      return how;
    },
  };
}
