/** The source files of this checkout, for the tests of its architecture. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every program file below src, and the entry point beside it. */
export function sourceFiles(): SourceFile[] {
  const below = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const paths = below.map((name) => `src/${name.replaceAll('\\', '/')}`).filter((path) => /\.m?ts$|\.mjs$/.test(path));
  return [...paths, 'worker.ts'].sort().map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
