/**
 * Turns the signals that end a command into two calls: the first asks for an orderly end, a later one for an immediate
 * end. It knows nothing of what is to be ended.
 */

/** Exit codes by convention: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type Interrupt = keyof typeof EXIT_CODES;

export interface InterruptOptions {
  readonly onFirst: (interrupt: Interrupt, exitCode: number) => void;
  readonly onSecond: (interrupt: Interrupt, exitCode: number) => void;
  /**
   * A signal within so many milliseconds of the first is the same one: at a terminal Ctrl-C reaches this process from
   * the terminal and once more from npm, which passes it on. Default 1000.
   */
  readonly sameMs?: number;
  readonly now?: () => number;
}

/** Listens until `stop`. */
export function onInterrupt({ onFirst, onSecond, sameMs = 1_000, now = Date.now }: InterruptOptions): {
  readonly stop: () => void;
} {
  let firstAt: number | undefined;
  const listener = (interrupt: Interrupt): void => {
    if (firstAt === undefined) {
      firstAt = now();
      onFirst(interrupt, EXIT_CODES[interrupt]);
    } else if (now() - firstAt >= sameMs) {
      onSecond(interrupt, EXIT_CODES[interrupt]);
    }
  };
  const interrupts = Object.keys(EXIT_CODES) as Interrupt[];
  for (const interrupt of interrupts) process.on(interrupt, listener);
  return {
    stop: () => {
      for (const interrupt of interrupts) process.off(interrupt, listener);
    },
  };
}
