/** Takes the parser into a build: with one loop made quick, and with its WebAssembly found where the build keeps the only copy. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** It looks for the end of each result, megabytes of text, byte by byte. */
const SLOW = 'while(heapOrArray[idx]&&!(idx>=maxIdx))++idx;return idx';
const QUICK = 'const end=heapOrArray.indexOf(0,idx);return end<0||end>=maxIdx?maxIdx:end';
const WASM = 'locateFile("libpg-query.wasm")';

/**
 * `wasm`: the file as seen from the built one. Errors: where the parser's code has not the places that are changed (a new version
 * of it), the build fails and says so.
 */
export function parserPlugin(wasm: string): Plugin {
  return {
    name: 'parser',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]libpg-query[\\/]wasm[\\/]libpg-query\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const missing = [SLOW, WASM].filter((place) => !text.includes(place));
        if (missing.length > 0) {
          return { errors: missing.map((place) => ({ text: `${path} has no ${place}: see parser-plugin.ts` })) };
        }
        return {
          contents: text.replace(SLOW, QUICK).replace(WASM, `locateFile(${JSON.stringify(wasm)})`),
          loader: 'js',
        };
      });
    },
  };
}
