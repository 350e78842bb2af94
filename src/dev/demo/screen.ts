/** What the demo prints on, decided once: a person's terminal, or a log that somebody reads later. */
import pc from 'picocolors';
import type { Environment } from '../../cli/environment.ts';
import { type Palette, PLAIN } from '../../report/palette.ts';

export interface Screen {
  readonly terminal: 'interactive' | 'plain';
  readonly palette: Palette;
  readonly write: (text: string) => void;
  readonly line: (text?: string) => void;
  readonly columns: () => number;
}

/** The screen of this process's standard output. */
export function standardScreen({ noColor }: Environment): Screen {
  const { stdout } = process;
  const interactive = stdout.isTTY === true;
  const write = (text: string): void => void stdout.write(text);
  return {
    terminal: interactive ? 'interactive' : 'plain',
    palette: interactive && !noColor ? pc.createColors(true) : PLAIN,
    write,
    line: (text = '') => write(`${text}\n`),
    columns: () => stdout.columns ?? 100,
  };
}
