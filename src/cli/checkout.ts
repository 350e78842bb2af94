/** Where the checkout is that commands work on: runbooks, migrations and targets are found below it. */
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.ts';

/** The checkout that this file is in, absolute, without a slash at its end. */
export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Absolute. `DRYDOCK_ROOT`, else the checkout that this file is in, wherever a command is called from. */
export function checkoutOf(environment: Environment): string {
  return environment.lookup('DRYDOCK_ROOT') ?? CHECKOUT;
}
