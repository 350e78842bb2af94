/** Tells a module whether it was started as the program or imported by another. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** True where the module at `moduleUrl` (its `import.meta.url`) is the script that Node was given, also by way of a symlink. */
export function isEntryPoint(moduleUrl: string, script: string | undefined): boolean {
  if (script === undefined) return false;
  try {
    return realpathSync(script) === realpathSync(fileURLToPath(moduleUrl));
  } catch {
    // Node was given no file: code from -e or standard input.
    return false;
  }
}
