/** A Problem for a terminal: `code: message`, then what was found and expected, the runbook's resolution and the way out. */
import type { Problem } from '../model/problem.ts';
import { type Palette, PLAIN } from './palette.ts';
import { oneLine, printable } from './printable.ts';
import { wrap } from './wrap.ts';

/** One line per part; later lines of a part stand under its first. The first line has no indentation. */
export function problemLines(problem: Problem, palette: Palette = PLAIN): string[] {
  const { found, expected, next, resolution } = problem;
  return [
    `${palette.red(problem.code)}: ${printable(problem.message)}`,
    ...part('found:', found, palette.dim),
    ...part('expected:', expected, palette.dim),
    ...part('resolution:', resolution, palette.dim),
    ...part('next:', next, palette.bold),
  ];
}

/** The lines as one text, without a line break at the end. */
export function problemText(problem: Problem, palette: Palette = PLAIN): string {
  return problemLines(problem, palette).join('\n');
}

/** All but what happened, within the width of a terminal, each part on a line of its own that begins with `indent`. */
export function problemParts({ found, expected, resolution, next }: Problem, indent: string): string[] {
  return Object.entries({ found, expected, resolution, next }).flatMap(([name, text]) =>
    text ? wrap(oneLine(text), { first: `${indent}${name}: `, rest: `${indent}  ` }) : [],
  );
}

/** The lines of a problem that a sentence before them has not said already: its first one where the sentence holds it. */
export function unsaid(sentence: string, problem: Problem, palette: Palette = PLAIN): string[] {
  const lines = problemLines(problem, palette);
  return sentence.includes(`${problem.code}: ${problem.message}`) ? lines.slice(1) : lines;
}

const LABEL_WIDTH = 'resolution: '.length;

function part(label: string, text: string | undefined, emphasis: (text: string) => string): string[] {
  if (text === undefined || text === '') return [];
  const [first = '', ...rest] = printable(text).split('\n');
  const margin = ' '.repeat(LABEL_WIDTH + 2);
  return [`  ${emphasis(label.padEnd(LABEL_WIDTH))}${first}`, ...rest.map((line) => margin + line)];
}
