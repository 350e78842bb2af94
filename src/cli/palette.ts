/** Emphasis for what is printed, where a terminal shows it and nobody asked for none. */
import picocolors from 'picocolors';
import { type Palette, PLAIN } from '../report/palette.ts';
import type { Environment } from './environment.ts';

export function paletteFor(stream: { readonly isTTY?: boolean }, environment: Environment): Palette {
  return stream.isTTY && !environment.noColor ? picocolors.createColors(true) : PLAIN;
}
