/**
 * The guard of one hold, a process of its own: told over its standard input what it guards, it watches until nothing is left to guard.
 * Nobody ends it but the hold's end: not the worker that started it, not a terminal.
 */
import { appendFileSync, mkdirSync, writeSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { GUARD_READY, type GuardCharge, READY_FD } from './charge.ts';
import { watchHold } from './watch-hold.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
// Said by the worker that has ended the hold: a guard that looked only later might find no database to ask.
let wake = (): void => undefined;
process.on('SIGHUP', () => wake());

const charge = JSON.parse(await text(process.stdin)) as GuardCharge;
const { logFile } = charge;

/** A log that cannot be written is no reason not to let go. */
function log(line: string): void {
  try {
    mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
    appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
  } catch {
    // Nowhere to say it.
  }
}

// Whatever is thrown where nobody catches it: traffic that is held comes first.
process.on('uncaughtException', (error) => log(`unexpected: ${error.message}`));
process.on('unhandledRejection', (error) => log(`unexpected: ${String(error)}`));

function sayReady(): void {
  try {
    writeSync(READY_FD, `${GUARD_READY}\n`);
  } catch {
    // Whoever started it is gone already: that is what it is for.
  }
}

await watchHold(charge, {
  log,
  onWatching: sayReady,
  onWake: (listener) => {
    wake = listener;
  },
});
process.exit(0);
