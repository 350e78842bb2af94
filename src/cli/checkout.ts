/** Where the checkout is that commands work on: runbooks, migrations and targets are found below it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.ts';

/** What only the root of a checkout has. */
const MARKS = ['drydock.yaml', 'runbooks'];

/**
 * Absolute, without a slash at its end. `DRYDOCK_ROOT`, else the checkout that this file is in, wherever a command is called
 * from; for the built command, which belongs to none, the nearest one around the working directory, else that directory.
 */
export function checkoutOf(environment: Environment): string {
  const named = environment.lookup('DRYDOCK_ROOT');
  if (named !== undefined) return named;
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts') ? path.dirname(path.dirname(path.dirname(here))) : nearestCheckout(process.cwd());
}

function nearestCheckout(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (MARKS.some((mark) => existsSync(path.join(folder, mark)))) return folder;
    if (folder === path.dirname(folder)) return from;
  }
}
