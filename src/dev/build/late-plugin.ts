/**
 * Lets the built command load some of what it is made of only when it is used: modules of Node, packages, and what the driver needs for
 * logging in. Loading them takes longer than connecting does.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OnLoadResult, Plugin } from 'esbuild';

/** Node's, as our own modules name them. What they have is taken from them at each use, so they may come late. */
const LATE_MODULES = ['node:child_process', 'node:crypto', 'node:fs/promises', 'node:stream/promises'];

const LATE_PACKAGES = /^picocolors$/;

/** In which file of the driver what is required too early. */
const EARLY: Readonly<Record<string, string>> = {
  'client.js': "const crypto = require('./crypto/utils')",
  'crypto/sasl.js': "const crypto = require('./utils')",
  'connection-parameters.js': "const dns = require('dns')",
};

/** Errors: where the driver's code is not as expected (a new version of it), the build fails and says so. */
export function latePlugin(): Plugin {
  return {
    name: 'late',
    setup: ({ onLoad, onResolve }) => {
      onResolve({ filter: LATE_PACKAGES }, ({ path: name, namespace, resolveDir }) =>
        namespace === 'late' ? undefined : { path: name, namespace: 'late', pluginData: resolveDir },
      );
      onLoad({ filter: /.*/, namespace: 'late' }, ({ path: name, pluginData }) => ({
        contents: `module.exports = ${late(`require(${JSON.stringify(name)})`)}`,
        resolveDir: pluginData as string,
      }));
      onLoad({ filter: /[\\/]pg[\\/]lib[\\/](client|crypto[\\/]sasl|connection-parameters)\.js$/ }, lateInDriver);
      onLoad({ filter: /[\\/]pg[\\/]lib[\\/]crypto[\\/]utils\.js$/ }, ourCrypto);
    },
  };
}

async function lateInDriver({ path: file }: { readonly path: string }): Promise<OnLoadResult> {
  const text = await readFile(file, 'utf8');
  const name = file.split(/[\\/]pg[\\/]lib[\\/]/)[1]!;
  const early = EARLY[name.split(path.sep).join('/')]!;
  if (!text.includes(early)) return unexpected(`${file} has no ${early}`);
  const [, constant, required] = /^const (\w+) = (require\(.*\))$/.exec(early)!;
  return { contents: text.replace(early, `const ${constant} = ${late(required!)}`), loader: 'js' };
}

const DRIVER_CRYPTO = fileURLToPath(new URL('driver-crypto.cjs', import.meta.url));

async function ourCrypto({ path: file }: { readonly path: string }): Promise<OnLoadResult> {
  const require = createRequire(import.meta.url);
  const [theirs, ours] = [file, DRIVER_CRYPTO].map((one) => Object.keys(require(one) as object).sort());
  if (`${theirs}` !== `${ours}`) return unexpected(`${file} has ${theirs}`);
  return { contents: await readFile(DRIVER_CRYPTO, 'utf8'), loader: 'js' };
}

function unexpected(text: string): OnLoadResult {
  return { errors: [{ text: `${text}: see late-plugin.ts` }] };
}

/** An object that has what `required` has, an expression that is evaluated at the first use. */
function late(required: string): string {
  return `new Proxy({}, { get: (_, key) => ${required}[key] })`;
}

/** Milliseconds that only grow, without the global `performance`, which brings eight modules along. */
const NOW = 'const drydockNow=()=>{const [s,ns]=process.hrtime();return s*1e3+ns/1e6};';

/** For what is built: at its head. */
export const LATE_BANNER = `${NOW}const drydockLate=(name)=>{let m;return new Proxy({},{get:(_,key)=>(m??=require(name))[key]})};${LATE_MODULES.map(
  (name) => `const ${constantOf(name)}=drydockLate('${name}');`,
).join('')}`;

/** In what is built: with those modules taken from the head. */
export function withLateModules(text: string): string {
  return LATE_MODULES.reduce((all, name) => all.replaceAll(`require("${name}")`, constantOf(name)), text);
}

/** `drydock_fs_promises`. */
function constantOf(name: string): string {
  return `drydock_${name.replace('node:', '').replaceAll('/', '_')}`;
}
