/**
 * Lets the built command load some of what it is made of only when it is used: the driver's cryptography, which not every
 * connection needs, and its resolver of names, which none of ours uses. Loading them takes as long as connecting does.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';

/** In which file of the driver what is required too early. */
const EARLY: Readonly<Record<string, string>> = {
  'client.js': "const crypto = require('./crypto/utils')",
  'crypto/sasl.js': "const crypto = require('./utils')",
  'connection-parameters.js': "const dns = require('dns')",
};

/** Errors: where the driver's code has not the places that are changed (a new version of it), the build fails and says so. */
export function latePlugin(): Plugin {
  return {
    name: 'late',
    setup: ({ onLoad }) => {
      onLoad(
        { filter: /[\\/]pg[\\/]lib[\\/](client|crypto[\\/]sasl|connection-parameters)\.js$/ },
        async ({ path: file }) => {
          const text = await readFile(file, 'utf8');
          const name = file
            .split(/[\\/]pg[\\/]lib[\\/]/)[1]!
            .split(path.sep)
            .join('/');
          const early = EARLY[name]!;
          if (!text.includes(early)) return { errors: [{ text: `${file} has no ${early}: see late-plugin.ts` }] };
          return { contents: text.replace(early, late(early)), loader: 'js' };
        },
      );
    },
  };
}

function late(early: string): string {
  const [, name, required] = /^const (\w+) = (require\(.*\))$/.exec(early)!;
  return `const ${name} = new Proxy({}, { get: (_, key) => ${required}[key] })`;
}

/** Node's own cryptography in what is built, for the banner and for the text: our modules ask for it by this name. */
export const LATE_CRYPTO = {
  banner: `let drydockCryptoNow;const drydockCrypto=new Proxy({},{get:(_,key)=>(drydockCryptoNow??=require('node:crypto'))[key]});`,
  from: 'require("node:crypto")',
  to: 'drydockCrypto',
} as const;
