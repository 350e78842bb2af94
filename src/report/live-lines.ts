/** Lines on a terminal of which the last may be replaced: what is being done stands there until its result takes its place. Writes nothing itself. */

export interface LineWriter {
  /** A line that stays. */
  lasting(text: string): void;
  /** A line that the next one replaces. Where lines cannot be replaced, it stays. */
  passing(text: string): void;
  /** Takes away a passing line. */
  end(): void;
}

const ERASE = '\r\u001b[2K';

/** `interactive` writers get control characters; `width` is how many characters fit a line. */
export function lineWriter(
  write: (text: string) => void,
  terminal: 'interactive' | 'plain',
  width: () => number,
): LineWriter {
  if (terminal === 'plain') {
    const line = (text: string): void => write(`${text}\n`);
    return { lasting: line, passing: line, end: () => {} };
  }
  let pending = false;
  const erased = (): string => (pending ? ERASE : '');
  return {
    lasting: (text) => {
      write(`${erased()}${text}\n`);
      pending = false;
    },
    // A line that wraps could not be erased again.
    passing: (text) => {
      write(`${erased()}${text.length > width() ? `${text.slice(0, width() - 1)}…` : text}`);
      pending = true;
    },
    end: () => {
      write(erased());
      pending = false;
    },
  };
}
