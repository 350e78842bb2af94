/**
 * How a command that has started servers comes to its end: by itself, by an interrupt, or because its parent is gone.
 * It decides the order (last started, first stopped), the time that gets, and that the reaper has the last word.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Interrupt, onInterrupt } from './interrupts.ts';
import { type Reaper, startReaper } from './start-reaper.ts';
import { watchParents } from './watch-parents.ts';

/** Why a command ends. */
export type Ending =
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'interrupted'; readonly interrupt: Interrupt }
  | { readonly kind: 'parent-lost'; readonly parent: string };

export interface LifetimeOptions {
  /** Called once, before anything is stopped; the place to say so. Must not throw. */
  readonly onEnding: (ending: Ending) => void;
  /** How long all orderly stops together may take before the reaper does it. Milliseconds, default 8000. */
  readonly stopLimitMs?: number;
}

export interface Lifetime {
  readonly reaper: Reaper;
  /** Aborted as soon as the end begins: work under way can look here. */
  readonly signal: AbortSignal;
  /** To be called at the end, in reverse order of these calls. A stop that fails is left to the reaper. */
  readonly defer: (stop: () => Promise<void>) => void;
  /** Stops everything and exits the process. Later calls join the first. */
  readonly end: (ending: Ending, exitCode: number) => Promise<never>;
}

/** Takes over signals and the watch over the parents, and keeps this process alive until `end`. Call once, before anything is started. */
export function startLifetime({ onEnding, stopLimitMs = 8_000 }: LifetimeOptions): Lifetime {
  const reaper = startReaper();
  const stops: Array<() => Promise<void>> = [];
  const aborter = new AbortController();
  let ending: Promise<never> | undefined;
  const end = (reason: Ending, exitCode: number): Promise<never> => {
    ending ??= finish(reason, exitCode);
    return ending;
  };
  const finish = async (reason: Ending, exitCode: number): Promise<never> => {
    onEnding(reason);
    aborter.abort(reason);
    await Promise.race([stopAll(stops), sleep(stopLimitMs)]);
    await reaper.close();
    process.exit(exitCode);
  };
  watchParents({ onLost: (lost) => void end({ kind: 'parent-lost', parent: lost.args.join(' ') }, 129) });
  onInterrupt({
    onFirst: (interrupt, exitCode) => void end({ kind: 'interrupted', interrupt }, exitCode),
    // The reaper sees this process go and does the rest.
    onSecond: (_interrupt, exitCode) => process.exit(exitCode),
  });
  surviveBrokenOutput();
  const onStray = (error: unknown): void => {
    // What fails while everything is being ended fails because of that, and does not decide how it ends.
    if (aborter.signal.aborted) return;
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    void end({ kind: 'failed' }, 1);
  };
  process.on('uncaughtException', onStray).on('unhandledRejection', onStray);
  // Nothing that was started keeps this process alive; it lives until `end` says otherwise.
  setInterval(() => {}, 60_000);
  return { reaper, signal: aborter.signal, defer: (stop) => void stops.push(stop), end };
}

async function stopAll(stops: Array<() => Promise<void>>): Promise<void> {
  for (const stop of stops.reverse()) await stop().catch(() => {});
}

/** When the parent is gone, so may be the reader of what is printed; that must not keep the end from being orderly. */
function surviveBrokenOutput(): void {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}
