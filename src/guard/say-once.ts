/** A log that takes each line once, whatever amounts stand in it: who tries for days must not fill a disk with the same words. */

export interface SayOnce {
  say(line: string): void;
  /** What is said from now on is news again. */
  forget(): void;
}

/** Numbers by themselves: one in a name tells things apart. */
const AMOUNTS = /(?<![\w-])\d+(?![\w-])/g;
/** More different lines than this are not kept in mind. */
const MOST_LINES = 1_000;

export function sayOnce(log: (line: string) => void): SayOnce {
  const said = new Set<string>();
  return {
    say: (line) => {
      const words = line.replaceAll(AMOUNTS, '#');
      if (said.has(words)) return;
      if (said.size >= MOST_LINES) said.clear();
      said.add(words);
      log(line);
    },
    forget: () => said.clear(),
  };
}
