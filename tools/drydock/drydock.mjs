/**
 * `pnpm drydock …`: the built command, built again first where a source is newer than it. Where it cannot be built, the
 * sources run as they are.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const built = path.join(root, 'dist/drydock.js');

/** The newest change of anything that the built command is made from, in milliseconds. */
function newestChange() {
  const files = readdirSync(path.join(root, 'src'), { recursive: true }).filter((name) => /\.(ts|cjs|sql)$/.test(name));
  const changes = files.map((name) => statSync(path.join(root, 'src', name)).mtimeMs);
  return Math.max(statSync(path.join(root, 'package.json')).mtimeMs, ...changes);
}

function isCurrent() {
  try {
    return statSync(built).mtimeMs > newestChange();
  } catch {
    return false;
  }
}

function build() {
  try {
    const script = path.join(root, 'src/dev/build/build-command.ts');
    execFileSync(process.execPath, ['--import', 'tsx', script], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// pnpm runs scripts in the root of the package, wherever it was called.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.env.DRYDOCK_CALLED_AS = 'pnpm drydock';
if (isCurrent() || build()) {
  createRequire(built)(built);
} else {
  const source = ['--import', import.meta.resolve('tsx'), path.join(root, 'src/cli/drydock.ts')];
  const { status } = spawnSync(process.execPath, [...source, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
