/**
 * Ctrl-C as an AbortSignal: the first asks the work to stop and lets it settle, the second ends the process at once.
 */

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Gives the signals back to whoever had them. */
  stop(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** One press can arrive twice: from the terminal, and passed on by pnpm or tsx. */
const ECHO_MS = 500;

/** `onFirst` is told once, before the work has stopped. */
export function listenForInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController();
  let firstAtMs = 0;
  const onSignal = () => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAtMs > ECHO_MS) process.exit(1);
      return;
    }
    firstAtMs = performance.now();
    onFirst();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
