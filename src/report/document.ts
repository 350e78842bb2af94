/**
 * The report as neutral blocks: what it says, without how it looks. Markdown and HTML are renderings of this one value, so
 * that they cannot disagree.
 */
import type { Stretch } from './timeline.ts';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'quiet';

/** One piece of text. `code` is shown in a fixed width; `bar` is its place in time, as parts of 1, where a rendering can draw. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
  readonly code: boolean;
  readonly bar?: { readonly start: number; readonly width: number };
}

export type Block =
  | { readonly kind: 'text'; readonly cell: Cell }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [name: string, value: Cell])[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'timeline'; readonly stretches: readonly Stretch[] }
  | { readonly kind: 'signatures'; readonly roles: readonly string[] };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface ReportDocument {
  readonly title: string;
  /** The outcome in a word, and its sentence. */
  readonly verdict: { readonly word: string; readonly tone: Tone; readonly sentence: string; readonly meaning: string };
  readonly sections: readonly Section[];
  /** The last line: which software, which schema of report. */
  readonly footer: string;
}

export function cell(text: string, tone: Tone = 'plain'): Cell {
  return { text, tone, code: false };
}

export function code(text: string, tone: Tone = 'plain'): Cell {
  return { text, tone, code: true };
}

/** A text block of one tone. */
export function paragraph(text: string, tone: Tone = 'plain'): Block {
  return { kind: 'text', cell: cell(text, tone) };
}
