/** The drain at the poolers. */
import type { Hold } from '../hold.ts';

export const pgbouncer: Hold = {
  hold: async () => {
    throw new TypeError('pgbouncer: being built');
  },
  held: async () => {
    throw new TypeError('pgbouncer: being built');
  },
  release: async () => {
    throw new TypeError('pgbouncer: being built');
  },
};
