/** Emphasis as functions, so that whoever prints decides about colour and renderings stay plain values. */

export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

const same = (text: string): string => text;

/** No emphasis: for files, pipes and terminals that asked for none. */
export const PLAIN: Palette = { bold: same, dim: same, red: same, green: same, yellow: same };
