/** Two texts of several lines as a small unified diff, and two of one line as the words that differ. Pure, and without colours. */

/** Longer texts are not compared line by line: the table would be too large. */
const MOST_LINES = 2_000;
const CONTEXT = 1;

interface Step {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
  /** 1-based, on the side of reference. */
  readonly line: number;
}

/** Lines with `-` before, `+` now and a blank for one line around them; `@@ line 12` begins each place. */
export function lineDiff(before: string, now: string): readonly string[] {
  const steps = stepsOf(before.split('\n'), now.split('\n'));
  const shown = steps.map((_, index) => isNearChange(steps, index));
  return steps.flatMap(({ sign, text, line }, index) => {
    if (!shown[index]) return [];
    const opening = index === 0 || !shown[index - 1] ? [`@@ line ${line}`] : [];
    return [...opening, `${sign} ${text}`.trimEnd()];
  });
}

function isNearChange(steps: readonly Step[], index: number): boolean {
  return steps.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' ');
}

/** By the longest common sequence of lines. */
function stepsOf(before: readonly string[], now: readonly string[]): readonly Step[] {
  if (before.length > MOST_LINES || now.length > MOST_LINES) return allDifferent(before, now);
  const common = commonLengths(before, now);
  const steps: Step[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < now.length) {
    if (i < before.length && j < now.length && before[i] === now[j]) {
      steps.push({ sign: ' ', text: before[i]!, line: i + 1 });
      i += 1;
      j += 1;
    } else if (i < before.length && (j >= now.length || common[i + 1]![j]! >= common[i]![j + 1]!)) {
      steps.push({ sign: '-', text: before[i]!, line: i + 1 });
      i += 1;
    } else {
      steps.push({ sign: '+', text: now[j]!, line: i + 1 });
      j += 1;
    }
  }
  return steps;
}

function allDifferent(before: readonly string[], now: readonly string[]): readonly Step[] {
  return [
    ...before.map((text, index): Step => ({ sign: '-', text, line: index + 1 })),
    ...now.map((text): Step => ({ sign: '+', text, line: before.length })),
  ];
}

/** `[i][j]`: how many lines the rests from i and j have in common. */
function commonLengths(before: readonly string[], now: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const longer = Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
      lengths[i]![j] = before[i] === now[j] ? lengths[i + 1]![j + 1]! + 1 : longer;
    }
  }
  return lengths;
}

/** Words around what differs that are kept, so that one sees where it is. */
const WORDS_AROUND = 4;
/** Shorter texts are shown whole. */
const SHORT = 90;

/** Both texts cut to what differs, `…` for what they share: `['… default 1', '… default 2']`. */
export function wordDiff(before: string, now: string): readonly [before: string, now: string] {
  if (before.length <= SHORT && now.length <= SHORT) return [before, now];
  const [a, b] = [before.split(' '), now.split(' ')];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return [excerpt(a, head, tail), excerpt(b, head, tail)];
}

function excerpt(words: readonly string[], head: number, tail: number): string {
  const from = Math.max(0, head - WORDS_AROUND);
  const to = Math.min(words.length, words.length - tail + WORDS_AROUND);
  return [...(from > 0 ? ['…'] : []), ...words.slice(from, to), ...(to < words.length ? ['…'] : [])].join(' ');
}
