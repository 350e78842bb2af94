/**
 * Standard output, opened when it is first asked for: that takes Node some milliseconds, which fit into waiting for a server. A reader
 * such as `head` that has seen enough is no error, wherever it stops.
 */

let isOpen = false;
let isHeld = false;

export function standardOutput(): NodeJS.WriteStream {
  const { stdout } = process;
  if (!isOpen) {
    isOpen = true;
    stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }
  return stdout;
}

/** Lines that are printed one right after the other go out together. */
export function printLine(line: string): void {
  const stdout = standardOutput();
  if (!isHeld) {
    isHeld = true;
    stdout.cork();
    process.nextTick(flushOutput);
  }
  stdout.write(`${line}\n`);
}

/** Before something is said elsewhere that belongs behind those lines. */
export function flushOutput(): void {
  if (isHeld) process.stdout.uncork();
  isHeld = false;
}
